package org.pganalytics.fault;

import java.util.concurrent.TimeUnit;

/** How fast what is held has been let go lately, while there was something to let go. Not safe between threads. */
final class DrainRate {
    private static final long LATELY_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final double NANOS_A_SECOND = 1e9;

    private long since;
    private double bytes;
    private long last;

    /** Something is held from now on; before, nothing was. */
    void begin(long now) {
        since = now;
        last = now;
        bytes = 0;
    }

    void released(long more, long now) {
        bytes += more;
        last = now;
        while (now - since > 2 * LATELY_NANOS) {
            since = now - (now - since) / 2;
            bytes /= 2;
        }
    }

    /** @return bytes a second, 0 when nothing was let go lately */
    double at(long now) {
        return now - last > LATELY_NANOS ? 0 : bytes * NANOS_A_SECOND / Math.max(1, now - since);
    }
}
