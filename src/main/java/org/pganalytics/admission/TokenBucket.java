package org.pganalytics.admission;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Lets through a rate on average and a burst at once.
 *
 * <p>Admits while its balance is above zero and then takes the real cost, into debt if need be: something larger than
 * the burst passes too, and those after it wait the longer. Safe to share between event loops.
 */
public final class TokenBucket {
    private static final double NANOS = 1e9;

    private final LongSupplier nanoClock;
    private double perSecond;
    private double burst;
    private double balance;
    private long filledAt;

    /**
     * @param perSecond long-run rate; more than 0
     * @param burst most at once; also the content of a new bucket; at least 1
     * @param nanoClock monotonic time in nanoseconds, in production {@code System::nanoTime}
     */
    public TokenBucket(double perSecond, double burst, LongSupplier nanoClock) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.balance = burst;
        this.nanoClock = nanoClock;
        this.filledAt = nanoClock.getAsLong();
    }

    /** How long until something is admitted; zero when it is now. */
    public synchronized Duration untilOpen() {
        fill();
        return balance > 0 ? Duration.ZERO : Duration.ofNanos((long) Math.min(-balance / perSecond * NANOS, 1e18) + 1);
    }

    /** Takes the cost, whatever the balance. */
    public synchronized void charge(double cost) {
        fill();
        balance -= cost;
    }

    /** Gives back what was charged for something that did not happen. */
    public synchronized void giveBack(double cost) {
        fill();
        balance = Math.min(burst, balance + cost);
    }

    /** Takes the cost when open. @return zero when taken, else how long to wait before asking again */
    public synchronized Duration take(double cost) {
        var wait = untilOpen();
        if (wait.isZero()) {
            balance -= cost;
        }
        return wait;
    }

    /** Changes the limits from now on; debt stays. */
    public synchronized void tune(double newPerSecond, double newBurst) {
        fill();
        perSecond = newPerSecond;
        burst = newBurst;
        balance = Math.min(balance, burst);
    }

    /** Whether it is as a new one would be, so that it need not be kept. */
    public synchronized boolean full() {
        fill();
        return balance >= burst;
    }

    /** How far it is from being as a new one would be. */
    synchronized double missing() {
        fill();
        return burst - balance;
    }

    private void fill() {
        long now = nanoClock.getAsLong();
        balance = Math.min(burst, balance + (now - filledAt) / NANOS * perSecond);
        filledAt = now;
    }
}
