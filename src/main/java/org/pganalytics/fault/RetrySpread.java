package org.pganalytics.fault;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Tells those who are turned away when to come again, each a little later than the one before, so that a fleet that came
 * all at once does not do so a second time. Safe to share between event loops.
 */
public final class RetrySpread {
    private final Duration longest;
    private final LongSupplier nanoClock;
    private final DoubleSupplier random;
    private long nextFree;

    /** @param longest no answer is longer @param random 0 to 1 */
    public RetrySpread(Duration longest, LongSupplier nanoClock, DoubleSupplier random) {
        this.longest = longest;
        this.nanoClock = nanoClock;
        this.random = random;
        this.nextFree = nanoClock.getAsLong();
    }

    /**
     * @param wait until the first of them can pass
     * @param cost how long the limit takes to make up for this one
     */
    public synchronized Duration after(Duration wait, Duration cost) {
        long now = nanoClock.getAsLong();
        long slot = Math.max(now + Math.min(wait.toNanos(), longest.toNanos()), nextFree);
        long ends = now + longest.toNanos();
        nextFree = Math.min(slot + Math.min(cost.toNanos(), longest.toNanos()), ends);
        if (slot >= ends) {
            // Beyond the horizon the order is lost anyway: spread them over its far half.
            return Duration.ofNanos((long) (longest.toNanos() * (0.5 + 0.5 * random.getAsDouble())));
        }
        return Duration.ofNanos(slot - now);
    }
}
