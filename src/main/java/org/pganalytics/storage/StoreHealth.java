package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the database takes batches: it is asked regularly, and groups tell what they saw. Away: it does not answer, or
 * is a standby; then nothing is accepted. Refusing: it answers but groups fail one after another (a full disk); then each
 * group is a new trial. Overdue: a group was given up for its time; the server is not ready until its writer commits the
 * next one, or nobody has sent it one. Safe from any thread.
 */
final class StoreHealth {
    private static final Logger LOG = LoggerFactory.getLogger(StoreHealth.class);
    private static final int FAILURES_MAX = 3;
    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Vertx vertx;
    private final Transactions transactions;
    private final Bus bus;
    private final LongSupplier nanoClock;
    private final Duration overdueKeep;

    /** The last failure of writers whose group was given up for its time. */
    private final Map<GroupWriter, Late> late = new HashMap<>();

    private boolean away;
    private boolean refusing;
    private boolean probing;
    private int failures;
    private long loggedAt;
    private long timer = -1;

    private record Late(String why, long sinceNanos) {}

    /**
     * @param transactions short ones
     * @param overdueKeep how long an overdue group counts: by then the next one, if any, has shown what is so
     */
    StoreHealth(Vertx vertx, Transactions transactions, Bus bus, LongSupplier nanoClock, Duration overdueKeep) {
        this.vertx = vertx;
        this.transactions = transactions;
        this.bus = bus;
        this.nanoClock = nanoClock;
        this.overdueKeep = overdueKeep;
        this.loggedAt = nanoClock.getAsLong() - LOG_EVERY_NANOS;
    }

    synchronized void start(Duration every) {
        timer = vertx.setPeriodic(0, Math.max(1, every.toMillis()), tick -> look());
    }

    synchronized void stop() {
        vertx.cancelTimer(timer);
    }

    /** Whether it is worth a try to send batches. */
    synchronized boolean takes() {
        return !away;
    }

    /** Fails with what keeps the store from storing: an overdue group, or else what the database answers now. */
    Future<Void> ready() {
        synchronized (this) {
            long now = nanoClock.getAsLong();
            late.values().removeIf(one -> now - one.sinceNanos() >= overdueKeep.toNanos());
            if (!late.isEmpty()) {
                var why = late.values().iterator().next().why();
                return Future.failedFuture(new IllegalStateException("batches are not stored: " + why));
            }
        }
        return probe();
    }

    /** Asks the database now. */
    Future<Void> probe() {
        return transactions.run(connection -> connection
                .query("SELECT pg_is_in_recovery()")
                .execute()
                .compose(rows -> rows.iterator().next().getBoolean(0)
                        ? Future.failedFuture(new IllegalStateException("the database is a standby"))
                        : Future.succeededFuture()));
    }

    private void look() {
        synchronized (this) {
            if (probing) {
                return;
            }
            probing = true;
        }
        probe().onComplete(answered -> {
            synchronized (this) {
                probing = false;
                boolean before = up();
                away = answered.failed();
                tell(before, answered.failed() ? answered.cause().toString() : "the database answers");
            }
        });
    }

    synchronized void committed(GroupWriter writer) {
        boolean before = up();
        late.remove(writer);
        failures = 0;
        away = false;
        refusing = false;
        tell(before, "batches are committed");
    }

    /** A group failed, and not for its rows. */
    void refused(GroupWriter writer, Throwable failure) {
        synchronized (this) {
            boolean before = up();
            failures++;
            refusing = failures >= FAILURES_MAX;
            long now = nanoClock.getAsLong();
            if (failure instanceof Overdue) {
                late.put(writer, new Late(failure.getMessage(), now));
            }
            if (failure instanceof Overdue || now - loggedAt >= LOG_EVERY_NANOS) {
                loggedAt = now;
                LOG.warn("a group of batches was not stored: {}", failure.toString());
            }
            tell(before, failure.toString());
        }
        look();
    }

    private boolean up() {
        return !away && !refusing;
    }

    private void tell(boolean before, String detail) {
        if (before != up()) {
            LOG.info("the database {} batches: {}", up() ? "takes" : "does not take", detail);
            bus.publish(new Event.StoreStateChanged(up(), detail));
        }
    }
}
