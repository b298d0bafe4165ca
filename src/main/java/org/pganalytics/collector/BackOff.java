package org.pganalytics.collector;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Waits that double up to a limit, each jittered between half and whole, so that a fleet does not knock as one. */
public final class BackOff {
    private final long firstMillis;
    private final long maxMillis;
    private final RandomGenerator random;
    private long nextMillis;

    public BackOff(Duration first, Duration max, RandomGenerator random) {
        this.firstMillis = first.toMillis();
        this.maxMillis = max.toMillis();
        this.random = random;
        this.nextMillis = firstMillis;
    }

    /** How long to wait now; at least what the server asked for, jittered upwards. */
    public Duration next(Duration asked) {
        long own = Math.max(1, nextMillis);
        nextMillis = Math.min(maxMillis, own * 2);
        long jittered = own - own / 2 + random.nextLong(own / 2 + 1);
        long askedMillis = asked.toMillis();
        return Duration.ofMillis(
                askedMillis > jittered ? askedMillis + random.nextLong(askedMillis / 4 + 1) : jittered);
    }

    /** Something succeeded: the next wait is the first again. */
    public void reset() {
        nextMillis = firstMillis;
    }
}
