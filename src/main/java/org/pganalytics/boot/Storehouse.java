package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pganalytics.bus.Bus;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.model.Intake;
import org.pganalytics.model.Ledger;
import org.pganalytics.storage.BatchStore;
import org.pganalytics.storage.KnownTables;
import org.pganalytics.storage.LedgerSessions;
import org.pganalytics.storage.Tables;
import org.pganalytics.storage.rollup.RollUps;
import org.pganalytics.storage.series.SeriesLimits;
import org.pganalytics.storage.series.SeriesReport;
import org.pganalytics.storage.tables.FamilyTables;
import org.pganalytics.storage.tables.FamilyWatch;
import org.pganalytics.storage.tables.TableMaintenance;
import org.pganalytics.storage.tables.Targets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store, furnished: tables, their maintenance, the ledger and what writes batches. */
final class Storehouse {
    private static final Logger LOG = LoggerFactory.getLogger(Storehouse.class);

    private final ServerConfig config;
    private final Vertx vertx;
    private final FamilyTables tables;
    private final FamilyWatch families;
    private final KnownTables known;
    private final BatchStore store;
    private final LedgerSessions ledger;
    private final TableMaintenance maintenance;
    private final SeriesLimits series;
    private final SeriesReport report;
    private final RollUps rollUps;
    private final List<String> deployed = new CopyOnWriteArrayList<>();
    private volatile Optional<String> reporting = Optional.empty();

    Storehouse(ServerConfig config, Foundation foundation, Bus bus, Clock clock) {
        this.config = config;
        this.vertx = foundation.vertx();
        var database = foundation.database();
        this.tables = new FamilyTables(vertx, database.pool(), foundation.tier(), config.tables());
        this.families = new FamilyWatch(vertx, database.controlPool(), tables);
        this.known = new KnownTables(tables, new Targets(database.pool(), config.tables()));
        database.onNewConnection(known::forget);
        this.series = new SeriesLimits(config.series(), clock, new SecureRandom(), foundation.meters());
        this.report = new SeriesReport(series, database.controlPool(), config.series(), UUID.randomUUID());
        var around = new BatchStore.Surroundings(
                vertx,
                database.pool(),
                known,
                series,
                bus,
                foundation.meters(),
                clock,
                System::nanoTime,
                config.admission().retryAfterMax());
        this.store = new BatchStore(config.storage(), around);
        this.maintenance = new TableMaintenance(
                foundation.leadership("maintenance"), foundation.tier(), keeping(), tables, foundation.meters());
        this.rollUps = new RollUps(
                foundation.leadership("roll-ups"), database.controlPool(), config.rollUp(), foundation.meters());
        this.ledger = new LedgerSessions(config.storage(), database.controlPool());
    }

    Future<Void> open() {
        return tables.prepare(config.families())
                .compose(prepared -> families.start(config.cluster().pollInterval()))
                .compose(learnt -> store.start())
                .compose(started -> vertx.deployVerticle(maintenance))
                .onSuccess(deployed::add)
                .compose(cared -> vertx.deployVerticle(rollUps))
                .onSuccess(deployed::add)
                .compose(rolling -> vertx.deployVerticle(report))
                .onSuccess(id -> reporting = Optional.of(id))
                .mapEmpty();
    }

    private TableMaintenance.Keeping keeping() {
        return new TableMaintenance.Keeping(config.tables(), config.rollUp());
    }

    Future<Void> close() {
        families.stop();
        var ended = Future.join(deployed.stream().map(vertx::undeploy).toList());
        return store.stop().eventually(() -> ended).eventually(this::reportTheLast);
    }

    /** What the store stored last is counted too. */
    private Future<Void> reportTheLast() {
        return reporting.map(vertx::undeploy).orElseGet(Future::succeededFuture);
    }

    void reload(ServerConfig fresh) {
        series.reload(fresh.series());
        maintenance.follow(fresh.rollUp());
        rollUps.follow(fresh.rollUp());
        var families = fresh.families();
        tables.prepare(families)
                .onSuccess(prepared -> LOG.info("reload: the tables of {} families are ready", families.size()))
                .onFailure(failure -> LOG.error("reload: the tables are not changed, reload again", failure));
    }

    /** What keeps the database from taking batches, or empty. */
    Future<Optional<String>> problem() {
        return store.probe()
                .<Optional<String>>map(Optional.empty())
                .otherwise(failure -> Optional.of(failure.getMessage()));
    }

    /** What other servers declare is learnt from it. */
    FamilyWatch families() {
        return families;
    }

    SeriesLimits series() {
        return series;
    }

    Tables tables() {
        return known;
    }

    Intake intake() {
        return store;
    }

    Ledger ledger() {
        return ledger;
    }
}
