package org.pganalytics.admission;

import java.util.function.LongSupplier;

/**
 * Tokens of one kind that this server has of a bucket that several share. Not thread-safe.
 *
 * <p>What was taken from the shared bucket and not used goes back with the next exchange, and so does what is owed: the
 * shared bucket then has what all of them left of it. Between two exchanges a server goes into debt no further than the
 * shared bucket had tokens at the last one. While it cannot be reached, the server has a bucket alone: its part.
 */
final class Lease {
    private static final double NANOS = 1e9;

    private final LongSupplier nanoClock;
    private final double chunkSeconds;
    private double perSecond;
    private double burst;
    /** Taken and not yet used; below zero: owed. */
    private double held;
    /** What the shared bucket had after the last exchange; below zero: others, or this one, owed it. */
    private double left;

    private boolean isKnown;
    private long exchangedAt;
    private TokenBucket alone;
    private double share = 1;
    /** Used since the last exchange, or since it is alone. */
    private double spent;

    private double spentBefore;
    private double givenBack;

    /** @param chunkSeconds as much of the rate is taken at once, at most */
    Lease(double perSecond, double burst, double chunkSeconds, LongSupplier nanoClock) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.chunkSeconds = chunkSeconds;
        this.nanoClock = nanoClock;
    }

    double perSecond() {
        return perSecond;
    }

    double burst() {
        return burst;
    }

    double spent() {
        return spent;
    }

    boolean isAlone() {
        return alone != null;
    }

    boolean isOpen() {
        return alone == null ? room() > 0 : alone.untilOpen().isZero();
    }

    /** Seconds until the bucket has something again, as far as this server knows. */
    double secondsUntilFilled() {
        return alone == null
                ? Math.max(0, -total() / perSecond)
                : alone.untilOpen().toNanos() / NANOS;
    }

    /** Whether an exchange would change anything. What is owed already needs none: time pays it. */
    boolean hasNews() {
        return alone != null || held != 0 || spent != 0;
    }

    /** Whether an exchange soon would bring more than waiting for its time. */
    boolean runsShort() {
        return alone == null && (!isKnown || left > 0) && room() < chunk() / 2;
    }

    /** Whether a server that knew nothing of it would go on as this one does. */
    boolean isRested() {
        return !hasNews() && (!isKnown || total() >= chunk());
    }

    void charge(double cost) {
        spent += cost;
        if (alone == null) {
            held -= cost;
        } else {
            alone.charge(cost);
        }
    }

    void giveBack(double cost) {
        spent -= cost;
        if (alone == null) {
            held += cost;
        } else {
            alone.giveBack(cost);
        }
    }

    void tune(double newPerSecond, double newBurst) {
        perSecond = newPerSecond;
        burst = newBurst;
        if (alone != null) {
            alone.tune(perSecond * share, ownBurst());
        }
    }

    /**
     * Begins an exchange. Whoever was alone for long owes no more than its bucket lacks: the shared one is full again, and
     * is to have what all of them have left.
     *
     * @return what goes to the shared bucket; below zero: comes from it
     */
    double offer() {
        spentBefore = spent;
        givenBack = alone == null ? held : Math.max(held - spent, -alone.missing());
        return givenBack;
    }

    /** How much to ask for. @param refused whether somebody was turned away for want of it */
    double want(boolean refused) {
        return refused ? chunk() : Math.min(chunk(), 2 * Math.max(0, spent));
    }

    /** What a bucket begins with that was lost, with Redis. */
    double seed() {
        return isKnown ? Math.min(burst, left + elapsed() * perSecond) : burst;
    }

    /** Ends an exchange. @param granted what came @param leftThere what the shared bucket has now; negative: is owed it */
    void exchanged(double granted, double leftThere) {
        spent -= spentBefore;
        held = granted + (alone == null ? held - givenBack : -spent);
        alone = null;
        left = leftThere;
        isKnown = true;
        exchangedAt = nanoClock.getAsLong();
    }

    /** Goes on with this part of the limits; what is held or owed stays so. */
    void goAlone(double part) {
        if (alone != null) {
            return;
        }
        share = part;
        alone = new TokenBucket(perSecond * share, ownBurst(), nanoClock);
        alone.charge(isKnown ? ownBurst() - Math.min(held, ownBurst()) : -held);
        spent = 0;
    }

    /** Forgets what the last exchange said: it is long ago. */
    void rest() {
        isKnown = false;
    }

    private double ownBurst() {
        return Math.max(1, burst * share);
    }

    private double chunk() {
        return Math.max(1, Math.min(burst, perSecond * chunkSeconds));
    }

    private double room() {
        return held + (isKnown ? Math.max(0, left) : chunk());
    }

    private double total() {
        return held + left + elapsed() * perSecond;
    }

    private double elapsed() {
        return (nanoClock.getAsLong() - exchangedAt) / NANOS;
    }
}
