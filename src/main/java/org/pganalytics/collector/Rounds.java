package org.pganalytics.collector;

import java.time.Duration;
import java.util.Arrays;

/** How long the latest rounds of a target took, each from its first family's start until none is being read. */
final class Rounds {
    /** With intervals of 10 s, those of a minute: most intervals go into it. */
    private static final int KEPT = 6;

    private final long[] nanos = new long[KEPT];
    private int ended;
    private int running;
    private long begunAtNanos;

    void begin(long nowNanos) {
        if (running++ == 0) {
            begunAtNanos = nowNanos;
        }
    }

    void end(long nowNanos) {
        if (--running == 0) {
            nanos[ended++ % KEPT] = nowNanos - begunAtNanos;
        }
    }

    /** Of the rounds that have ended lately; zero before the first. */
    Duration longest() {
        return Duration.ofNanos(Arrays.stream(nanos).max().orElse(0));
    }
}
