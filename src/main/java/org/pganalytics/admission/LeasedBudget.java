package org.pganalytics.admission;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;

/** What one collector may still send through this server, as its part of what it may send through all of them. */
final class LeasedBudget implements Budget {
    private static final double NANOS = 1e9;
    private static final long HURRY_NANOS = Duration.ofMillis(10).toNanos();

    /** Who sees to it that tokens come. Both are called often, and from any thread. */
    interface Keeper {
        /** It is used: it wants to be exchanged at its time. */
        void inUse(LeasedBudget budget);

        /** It is used up sooner than that. */
        void hurry(LeasedBudget budget);
    }

    /**
     * Numbers of rows, then of bytes.
     *
     * @param used since the last exchange, in seconds of the limits
     * @param number of this exchange
     * @param answered the last one whose answer came
     */
    record Offer(
            RateLimits limits,
            List<Double> back,
            List<Double> want,
            List<Double> seed,
            double used,
            long number,
            long answered) {

        Offer withoutWant() {
            return new Offer(limits, back, List.of(0.0, 0.0), seed, used, number, answered);
        }
    }

    /** @param share of what all servers let through lately, this one's */
    record Grant(double rows, double bytes, double rowsLeft, double bytesLeft, double share) {}

    private final UUID collector;
    private final Keeper keeper;
    private final Duration every;
    private final LongSupplier nanoClock;
    private final Lease rows;
    private final Lease bytes;
    private RateLimits limits;
    private boolean refused;
    private boolean exchanging;
    private double lastShare = Double.NaN;
    private long askedAt;
    private long dueAt;
    private boolean isInUse;
    private long number;
    private long answered;

    /**
     * @param every between two exchanges
     * @param numbered before its first exchange: more than the last one of an earlier budget of this server and collector
     */
    LeasedBudget(
            UUID collector, RateLimits limits, Duration every, Keeper keeper, LongSupplier nanoClock, long numbered) {
        this.collector = collector;
        this.limits = limits;
        this.keeper = keeper;
        this.every = every;
        this.nanoClock = nanoClock;
        this.number = numbered;
        this.answered = numbered;
        double chunkSeconds = 2 * every.toNanos() / NANOS;
        this.rows = new Lease(limits.rowsPerSecond(), limits.burstRows(), chunkSeconds, nanoClock);
        this.bytes = new Lease(limits.bytesPerSecond(), limits.burstBytes(), chunkSeconds, nanoClock);
        this.askedAt = nanoClock.getAsLong() - HURRY_NANOS;
        this.dueAt = nanoClock.getAsLong();
    }

    UUID collector() {
        return collector;
    }

    @Override
    public synchronized Duration untilOpen() {
        if (rows.isOpen() && bytes.isOpen()) {
            return Duration.ZERO;
        }
        refused = true;
        use();
        double seconds = Math.max(rows.secondsUntilFilled(), bytes.secondsUntilFilled());
        long exchange = rows.isAlone() ? 0 : Math.max(HURRY_NANOS, dueAt - nanoClock.getAsLong());
        return Duration.ofNanos(Math.max(exchange, (long) Math.min(seconds * NANOS, 1e18) + 1));
    }

    @Override
    public synchronized void charge(long rowCount, long byteCount) {
        rows.charge(rowCount);
        bytes.charge(byteCount);
        use();
        if (!exchanging && (rows.runsShort() || bytes.runsShort()) && nanoClock.getAsLong() - askedAt >= HURRY_NANOS) {
            dueAt = nanoClock.getAsLong();
            keeper.hurry(this);
        }
    }

    @Override
    public synchronized void giveBack(long rowCount, long byteCount) {
        rows.giveBack(rowCount);
        bytes.giveBack(byteCount);
        use();
    }

    @Override
    public synchronized void tune(RateLimits newLimits) {
        if (!limits.equals(newLimits)) {
            limits = newLimits;
            rows.tune(newLimits.rowsPerSecond(), newLimits.burstRows());
            bytes.tune(newLimits.bytesPerSecond(), newLimits.burstBytes());
        }
    }

    @Override
    public synchronized boolean full() {
        return !isInUse;
    }

    private void use() {
        if (!isInUse) {
            isInUse = true;
            keeper.inUse(this);
        }
    }

    synchronized boolean isInUse() {
        return isInUse;
    }

    /**
     * Begins an exchange when it is time for one; ended by {@link #exchanged} or {@link #failed}. When there is nothing to
     * exchange any more, it is not in use from then on.
     *
     * @param spread 0.5 to 1.5: how much later than usual the next one is due
     */
    synchronized Optional<Offer> offer(double spread) {
        long now = nanoClock.getAsLong();
        if (exchanging || now < dueAt) {
            return Optional.empty();
        }
        if (isDone()) {
            rows.rest();
            bytes.rest();
            isInUse = false;
            return Optional.empty();
        }
        dueAt = now + (long) (interval() * spread * NANOS);
        return refused || rows.hasNews() || bytes.hasNews() ? Optional.of(offer(now)) : Optional.empty();
    }

    private boolean isDone() {
        return !refused && rows.isRested() && bytes.isRested();
    }

    private Offer offer(long now) {
        exchanging = true;
        askedAt = now;
        double used =
                Math.max(Math.max(0, rows.spent()) / rows.perSecond(), Math.max(0, bytes.spent()) / bytes.perSecond());
        var offer = new Offer(
                limits,
                List.of(rows.offer(), bytes.offer()),
                List.of(rows.want(refused), bytes.want(refused)),
                List.of(rows.seed(), bytes.seed()),
                used,
                ++number,
                answered);
        refused = false;
        return offer;
    }

    /** The last one before this server goes: it wants nothing. Empty when there is nothing to say. */
    synchronized Optional<Offer> last() {
        if (exchanging || !rows.hasNews() && !bytes.hasNews()) {
            return Optional.empty();
        }
        return Optional.of(offer(nanoClock.getAsLong()).withoutWant());
    }

    synchronized void exchanged(Grant grant) {
        exchanging = false;
        answered = number;
        lastShare = grant.share();
        rows.exchanged(grant.rows(), grant.rowsLeft());
        bytes.exchanged(grant.bytes(), grant.bytesLeft());
    }

    /** The exchange came to nothing. */
    synchronized void failed(int servers) {
        exchanging = false;
        goAlone(servers);
    }

    /**
     * Goes on without the others, with the part that it had last, and at least half of an equal one: else a collector that
     * comes to this server now would starve. An exchange under way is let end.
     *
     * @param servers that share the limits, as far as known; at least 1
     */
    synchronized void goAlone(int servers) {
        if (exchanging) {
            return;
        }
        double equal = 1.0 / servers;
        double part = Double.isNaN(lastShare) ? equal : Math.max(lastShare, equal / 2);
        rows.goAlone(part);
        bytes.goAlone(part);
    }

    /** In seconds; no longer than the bucket takes to fill by half, lest what it cannot hold is lost. */
    private double interval() {
        double fills = Math.min(rows.burst() / rows.perSecond(), bytes.burst() / bytes.perSecond());
        return Math.min(every.toNanos() / NANOS, fills / 2);
    }
}
