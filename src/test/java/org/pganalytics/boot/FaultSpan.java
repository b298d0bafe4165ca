package org.pganalytics.boot;

import java.util.concurrent.TimeUnit;

/** While a fault lasted, in ms since 1970: what could not be, was its doing. */
record FaultSpan(long fromMillis, long toMillis) {
    interface End {
        void run() throws Exception;
    }

    /** One that takes no time, such as a kill. */
    static FaultSpan moment() {
        long now = System.currentTimeMillis();
        return new FaultSpan(now, now);
    }

    /** One that has begun, and ends by what is done then. */
    static FaultSpan during(long millis, End end) throws Exception {
        long from = System.currentTimeMillis();
        pause(millis);
        end.run();
        return new FaultSpan(from, System.currentTimeMillis());
    }

    static void pause(long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
    }

    /** How much of a time lies outside of it, in ms. */
    long leavesOf(long from, long to) {
        return to - from - Math.max(0, Math.min(to, toMillis) - Math.max(from, fromMillis));
    }
}
