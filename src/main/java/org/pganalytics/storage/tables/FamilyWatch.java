package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.pganalytics.model.MetricFamily;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what this server can store in step with what the others declare: a family that one of them was given, and columns
 * that a newer one added, so that a collector may come to any of them.
 *
 * <p>It looks when a notification came, and every poll interval besides. While the database is away what is known holds.
 * Thread-safe.
 */
public final class FamilyWatch {
    /** Where the database tells of a changed declaration; the payload is the family. */
    public static final String CHANNEL = "pganalytics_family";

    private static final long PATIENCE_SECONDS = 60;

    private static final Logger LOG = LoggerFactory.getLogger(FamilyWatch.class);

    private final Vertx vertx;
    private final Pool pool;
    private final FamilyTables tables;
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicBoolean again = new AtomicBoolean();
    private volatile String seen = "";
    private volatile boolean failing;
    private volatile boolean stopped;
    private volatile long timer = -1;

    /** @param pool whose statements end some time */
    public FamilyWatch(Vertx vertx, Pool pool, FamilyTables tables) {
        this.vertx = vertx;
        this.pool = pool;
        this.tables = tables;
    }

    /** Looks, and from then on every so often; the tables of this server's own families are there. */
    public Future<Void> start(Duration every) {
        timer = vertx.setPeriodic(every.toMillis(), tick -> look());
        return learnIfChanged().onFailure(this::keepWhatIsKnown).otherwiseEmpty();
    }

    public void stop() {
        stopped = true;
        vertx.cancelTimer(timer);
    }

    /** Looks now; to be called when a notification came on {@link #CHANNEL}, or may have been missed. */
    public void look() {
        if (!looking.compareAndSet(false, true)) {
            again.set(true);
            return;
        }
        // The tables are looked at through a pool that waits for ever for a database that stands still.
        var looked = learnIfChanged().timeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
        looked.onFailure(this::keepWhatIsKnown).onComplete(done -> {
            looking.set(false);
            if (again.getAndSet(false)) {
                look();
            }
        });
    }

    private Future<Void> learnIfChanged() {
        return FamilyRecords.stamp(pool).compose(stamp -> {
            failing = false;
            return stamp.equals(seen) ? Future.succeededFuture() : learn().onSuccess(learnt -> seen = stamp);
        });
    }

    private Future<Void> learn() {
        return FamilyRecords.declared(pool).compose(families -> {
            tables.forgetAllBut(families.stream().map(MetricFamily::name).collect(Collectors.toSet()));
            return learn(families);
        });
    }

    private Future<Void> learn(List<MetricFamily> families) {
        var chain = Future.<Void>succeededFuture();
        for (var family : families) {
            chain = isNews(family)
                    ? chain.compose(before -> tables.learn(family))
                            .onSuccess(found -> found.ifPresent(table -> LOG.info(
                                    "family {} is stored as another server declared it, {} columns",
                                    family.name(),
                                    table.columns().size())))
                            .mapEmpty()
                    : chain;
        }
        return chain;
    }

    private boolean isNews(MetricFamily theirs) {
        var known = tables.lookup(theirs.name());
        if (known.isEmpty()) {
            return tables.ours(theirs.name()).isEmpty();
        }
        boolean isWidened = theirs.schema().columns().stream()
                .anyMatch(column -> known.get().column(column.name()).isEmpty());
        return isWidened
                || tables.ours(theirs.name()).isEmpty()
                        && !asStored(theirs).equals(asStored(known.get().family()));
    }

    /** All of a declaration that storing its rows depends on, but for the columns. */
    private static List<Object> asStored(MetricFamily family) {
        return List.of(
                family.kind(),
                family.retention(),
                family.rollsUp(),
                String.valueOf(family.dictionaryOf()),
                String.valueOf(family.dictionaryKey()));
    }

    private void keepWhatIsKnown(Throwable failure) {
        seen = "";
        if (!failing && !stopped) {
            failing = true;
            LOG.warn("What other servers declared cannot be read, what is known stays: {}", failure.getMessage());
        }
    }
}
