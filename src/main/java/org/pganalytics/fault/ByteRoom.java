package org.pganalytics.fault;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * Room for a number of bytes. Who finds none is told when there will be some: as fast as room was made lately, one after
 * the other, so that a fleet that was turned away does not come back all at once. Safe to share between threads.
 */
public final class ByteRoom {
    private static final Duration LEAST = Duration.ofMillis(50);
    /** How far ahead what was let go lately says anything: a server that has just begun soon does better. */
    private static final Duration FORESEEN = Duration.ofSeconds(5);
    /** While nothing is let go, nobody knows how long it will take. */
    private static final Duration UNKNOWN = Duration.ofSeconds(1);

    private final long max;
    private final LongSupplier nanoClock;
    private final RetrySpread spread;
    private final DrainRate rate = new DrainRate();
    private long used;

    /** @param max bytes @param longest nobody is told to wait for longer, and for no more than 5 s */
    public ByteRoom(long max, Duration longest, LongSupplier nanoClock) {
        this.max = max;
        this.nanoClock = nanoClock;
        this.spread = new RetrySpread(
                longest.compareTo(FORESEEN) < 0 ? longest : FORESEEN,
                nanoClock,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /** Takes all of the bytes, or none and returns false. */
    public synchronized boolean take(long bytes) {
        return used + bytes <= max && taken(bytes);
    }

    /** The same, but what is alone gets in whatever its size, or it would be refused for ever. */
    public synchronized boolean takeOrAlone(long bytes) {
        return hasRoom(bytes) && taken(bytes);
    }

    /** Whether {@link #takeOrAlone} would take them now. */
    public synchronized boolean hasRoom(long bytes) {
        return used == 0 || used + bytes <= max;
    }

    private boolean taken(long bytes) {
        if (used == 0) {
            rate.begin(nanoClock.getAsLong());
        }
        used += bytes;
        return true;
    }

    public synchronized void release(long bytes) {
        used -= bytes;
        rate.released(bytes, nanoClock.getAsLong());
    }

    public synchronized long used() {
        return used;
    }

    /** OVERLOADED, with the time until there should be room for so many bytes and all that were turned away before. */
    public synchronized FaultException full(String why, long bytes) {
        double aSecond = rate.at(nanoClock.getAsLong());
        var cost = aSecond > 0 ? Duration.ofNanos((long) (1e9 * bytes / aSecond)) : Duration.ZERO;
        var first = aSecond > 0 ? LEAST : UNKNOWN;
        return Fault.OVERLOADED.because(why).retryAfter(spread.after(first, cost));
    }
}
