package org.pganalytics.perf;

import java.io.IOException;

/** Work for a server until its code is compiled, which comes late on a machine that is busy with other work. */
final class WarmUp {
    /** Of its cost before. */
    private static final double STILL_FASTER = 0.97;

    private WarmUp() {}

    /** What is done, again and again. */
    interface Turn {
        /** @return what it took of the server's processors; only whether it falls counts */
        double cost() throws IOException, InterruptedException;
    }

    /** Until a turn costs no less than the cheapest before. @param seconds at least; at most four times as long */
    static void run(int seconds, Turn turn) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        double least = Double.MAX_VALUE;
        boolean becomesFaster;
        do {
            double cost = turn.cost();
            becomesFaster = cost < least * STILL_FASTER;
            least = Math.min(least, cost);
        } while (System.nanoTime() - begun < seconds * 1e9
                || becomesFaster && System.nanoTime() - begun < 4 * seconds * 1e9);
    }
}
