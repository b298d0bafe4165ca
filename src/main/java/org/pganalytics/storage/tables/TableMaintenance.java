package org.pganalytics.storage.tables;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Optional;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.database.Tier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes partitions ahead and drops those past their retention, on one of all the servers: the one that leads, and on
 * the very connection that holds the lead.
 */
public final class TableMaintenance extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(TableMaintenance.class);
    private static final long FIRST_RUN_MILLIS = 1_000;

    private final Leadership leadership;
    private final Tier tier;
    private final TablesConfig config;
    private final FamilyTables tables;
    private final Counter made;
    private final Counter dropped;
    private final Counter forgotten;
    private final Counter failed;
    private volatile RollUpConfig rollUp;
    private volatile boolean stopping;
    private long timer;

    /** How the tables are kept. */
    public record Keeping(TablesConfig tables, RollUpConfig rollUp) {}

    /** @param leadership started and stopped by this verticle */
    public TableMaintenance(
            Leadership leadership, Tier tier, Keeping keeping, FamilyTables tables, MeterRegistry meters) {
        this.leadership = leadership;
        this.tier = tier;
        this.config = keeping.tables();
        this.rollUp = keeping.rollUp();
        this.tables = tables;
        this.made = meters.counter("pganalytics.storage.tables.partitions.made");
        this.dropped = meters.counter("pganalytics.storage.tables.partitions.dropped");
        this.forgotten = meters.counter("pganalytics.storage.tables.texts.forgotten");
        this.failed = meters.counter("pganalytics.storage.tables.maintenance.failed");
        Gauge.builder("pganalytics.storage.tables.leader", leadership, lead -> lead.isLeader() ? 1 : 0)
                .description("1 when this server does the maintenance")
                .register(meters);
    }

    @Override
    public Future<?> start() {
        leadership.onChange(this::soon);
        timer = vertx.setPeriodic(config.maintenanceEvery().toMillis(), id -> run());
        return leadership.start();
    }

    @Override
    public Future<?> stop() {
        stopping = true;
        vertx.cancelTimer(timer);
        return leadership.stop();
    }

    /** Runs now; empty when this server does not lead. */
    public Future<Optional<MaintenanceRun>> run() {
        return leadership
                .lead(connection -> new TableCare(tier, config, rollUp, connection).run())
                .onSuccess(run -> run.ifPresent(this::note))
                .onFailure(failure -> {
                    failed.increment();
                    LOG.warn("the maintenance of the tables was cut short: {}", failure.getMessage());
                });
    }

    /** Keeps roll-ups as long as that says from the next run on. */
    public void follow(RollUpConfig fresh) {
        rollUp = fresh;
    }

    private void soon(boolean leads) {
        if (leads && !stopping) {
            vertx.setTimer(FIRST_RUN_MILLIS, id -> run());
        }
    }

    private void note(MaintenanceRun run) {
        made.increment(run.made());
        dropped.increment(run.dropped());
        forgotten.increment(run.forgotten());
        failed.increment(run.failures().size());
        if (run.dropped() > 0) {
            tables.forget();
        }
        if (!run.equals(MaintenanceRun.NOTHING)) {
            LOG.info(
                    "maintenance: {} partitions made, {} dropped, {} texts forgotten, left for later: {}",
                    run.made(),
                    run.dropped(),
                    run.forgotten(),
                    run.failures());
        }
    }
}
