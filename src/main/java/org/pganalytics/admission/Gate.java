package org.pganalytics.admission;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.fault.RetrySpread;
import org.pganalytics.model.Batch;
import org.pganalytics.model.Intake;
import org.pganalytics.model.Receipt;

/**
 * Decides whether a batch may reach the store now. Its own refusals go onto the bus; those of the store are the store's
 * to tell. One for the whole server; safe to share between event loops.
 */
public final class Gate implements Intake {
    /** HTTP statuses from here on blame the server. */
    private static final int SERVER_FAULTS = 500;

    private static final double USUAL_OF = 32;

    private final Intake store;
    private final Revocations revocations;
    private final Bus bus;
    private final CollectorBudgets budgets;
    private final OwnBudget server;
    private final RetrySpread spread;
    private final Duration retryAfterMax;
    /** A mean: what is refused unread does not say how many it has. */
    private final AtomicReference<Double> usualRows = new AtomicReference<>(1.0);

    private volatile AdmissionConfig config;

    /** What every part of the room takes in from outside. @param random 0 to 1 */
    public record Chance(LongSupplier nanoClock, DoubleSupplier random) {}

    Gate(
            Intake store,
            Revocations revocations,
            Bus bus,
            AdmissionConfig config,
            Chance chance,
            CollectorBudgets budgets) {
        this.store = store;
        this.revocations = revocations;
        this.bus = bus;
        this.config = config;
        this.retryAfterMax = config.retryAfterMax();
        this.budgets = budgets;
        this.server = new OwnBudget(config.server(), chance.nanoClock());
        this.spread = new RetrySpread(config.retryAfterMax(), chance.nanoClock(), chance.random());
    }

    @Override
    public Future<Receipt> accept(Batch batch) {
        var refusal = refusal(batch);
        if (refusal.isPresent()) {
            var why = refusal.get();
            bus.publish(new Event.BatchRefused(batch.collector(), why.fault(), why.detail(), batch.rows()));
            return Future.failedFuture(why);
        }
        return store.accept(batch).onFailure(failure -> giveBack(batch, failure));
    }

    /** Charges nothing: who is let through here has yet to be counted. */
    @Override
    public Optional<FaultException> refusalNow(UUID collector, long bytes) {
        var why = shut(collector, usualRows.get(), bytes);
        why.ifPresent(refusal -> bus.publish(new Event.BatchRefused(collector, refusal.fault(), refusal.detail(), 0)));
        return why.isPresent() ? why : store.refusalNow(collector, bytes);
    }

    /**
     * What the server could not do itself costs the sender nothing, who is to send it again. A gap or another's lease is
     * the sender's own doing, and keeps its price.
     */
    private void giveBack(Batch batch, Throwable failure) {
        var fault = Fault.of(failure);
        if (fault.retryable() && fault.httpStatus() >= SERVER_FAULTS) {
            budgets.of(batch.collector(), limitsOf(batch.collector())).giveBack(rowsOf(batch), batch.bytes());
            server.giveBack(rowsOf(batch), batch.bytes());
        }
    }

    /** Takes the limits of collectors and of the server from now on; the rest needs a restart. */
    public void reload(AdmissionConfig changed) {
        config = changed;
        server.tune(changed.server());
    }

    private Optional<FaultException> refusal(Batch batch) {
        int rows = rowsOf(batch);
        var refusal = shut(batch.collector(), rows, batch.bytes());
        if (refusal.isEmpty()) {
            usualRows.updateAndGet(mean -> mean + (rows - mean) / USUAL_OF);
            budgets.of(batch.collector(), limitsOf(batch.collector())).charge(rows, batch.bytes());
            server.charge(rows, batch.bytes());
        }
        return refusal;
    }

    /** Why nothing of this collector gets through now. */
    private Optional<FaultException> shut(UUID collector, double rows, long bytes) {
        if (revocations.revoked(collector)) {
            return Optional.of(Fault.REVOKED.because("collector %s was revoked".formatted(collector)));
        }
        var limits = limitsOf(collector);
        var wait = budgets.of(collector, limits).untilOpen();
        if (!wait.isZero()) {
            return Optional.of(tooFast("this collector sends", limits, shorter(wait, retryAfterMax)));
        }
        wait = server.untilOpen();
        if (!wait.isZero()) {
            var slot = spread.after(wait, server.timeFor((long) Math.ceil(rows), bytes));
            return Optional.of(tooFast("all collectors together send", config.server(), slot));
        }
        return Optional.empty();
    }

    private RateLimits limitsOf(UUID collector) {
        return config.collector().with(revocations.overridesOf(collector));
    }

    /** A batch without rows still costs the server a transaction. */
    private static int rowsOf(Batch batch) {
        return Math.max(1, batch.rows());
    }

    private static FaultException tooFast(String who, RateLimits limits, Duration wait) {
        return Fault.RATE_LIMITED
                .because("%s more than %.0f rows/s (burst %d) or %.0f bytes/s (burst %d); come again after the wait"
                        .formatted(
                                who,
                                limits.rowsPerSecond(),
                                limits.burstRows(),
                                limits.bytesPerSecond(),
                                limits.burstBytes()))
                .retryAfter(wait);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
