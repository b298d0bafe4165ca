package org.pganalytics.storage;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.database.Database;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.database.DatabaseConfig;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.database.Tier;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.KeptBodies;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.Receipt;
import org.pganalytics.schema.Migrator;
import org.pganalytics.storage.series.SeriesConfig;
import org.pganalytics.storage.series.SeriesLimits;
import org.pganalytics.storage.tables.FamilyTables;
import org.pganalytics.storage.tables.TablesConfig;
import org.pganalytics.storage.tables.Targets;

/** A whole store on a Vert.x of its own, as a server has it: blocking, for tests. */
final class Store implements AutoCloseable {
    static final int DIRECT_ROWS = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration RETRY_AFTER_MAX = Duration.ofSeconds(60);

    final Vertx vertx = Vertx.vertx();
    private final Database ways;
    private final Bus bus = new Bus(vertx);
    final KnownTables tables;
    final SeriesLimits series;
    final BatchStore store;
    final LedgerSessions sessions;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();

    Store(StorageConfig config, DatabaseAddress address, int port) {
        this(config, address, port, Clock.systemUTC());
    }

    Store(StorageConfig config, DatabaseAddress address, int port, Clock clock) {
        this(
                config,
                new DatabaseAddress(
                        address.host(),
                        port,
                        address.database(),
                        address.user(),
                        address.password(),
                        address.ssl(),
                        null),
                clock,
                new Shape(null, directly(), List.of(Samples.FAMILY, Samples.OTHER, Samples.TEXTS)));
    }

    /** @param tier null for what the database says it can do */
    record Shape(Tier tier, TablesConfig tables, List<MetricFamily> families, SeriesConfig series) {
        Shape(Tier tier, TablesConfig tables, List<MetricFamily> families) {
            this(tier, tables, families, SeriesConfig.defaults());
        }
    }

    Store(StorageConfig config, DatabaseAddress address, Clock clock, Shape shape) {
        ways = new Database(vertx, address, DatabaseConfig.of("postgresql://localhost/x", null), meters);
        var tier = shape.tier() == null ? await(Tier.detect(ways.pool(), false)) : shape.tier();
        var families = new FamilyTables(vertx, ways.pool(), tier, shape.tables());
        tables = new KnownTables(families, new Targets(ways.pool(), shape.tables()));
        ways.onNewConnection(tables::forget);
        await(families.prepare(shape.families()));
        List.of(
                        Event.BatchStored.class,
                        Event.BatchDuplicated.class,
                        Event.BatchRefused.class,
                        Event.LossDeclared.class,
                        Event.RowsFolded.class,
                        Event.StoreStateChanged.class)
                .forEach(type -> bus.on(type, events::add));
        series = new SeriesLimits(shape.series(), clock, new SecureRandom(), meters);
        store = new BatchStore(
                config,
                new BatchStore.Surroundings(
                        vertx, ways.pool(), tables, series, bus, meters, clock, System::nanoTime, RETRY_AFTER_MAX));
        sessions = new LedgerSessions(config, ways.controlPool());
        await(store.start());
    }

    /** On TimescaleDB's community edition a batch of a few rows goes one way, and one of a hundred the other. */
    private static TablesConfig directly() {
        return directly(DIRECT_ROWS);
    }

    static TablesConfig directly(int rows) {
        var usual = TablesConfig.defaults();
        return new TablesConfig(
                usual.partitionsAhead(),
                usual.maintenanceEvery(),
                usual.lockTimeout(),
                usual.lockTries(),
                usual.targetsPerCollector(),
                usual.targetCache(),
                rows);
    }

    /** Replays what is in the quarantine, with these as the bodies' content. */
    QuarantineReplay replay(StorageConfig config, KeptBodies bodies) {
        var around = new QuarantineReplay.Surroundings(ways.pool(), tables, bodies, series, bus, Clock.systemUTC());
        return new QuarantineReplay(quarantine(), config, around);
    }

    /** Another store on the same ways to the database, that knows tables in its own way. */
    BatchStore beside(StorageConfig config, Tables known) {
        return beside(config, known, System::nanoTime);
    }

    BatchStore beside(StorageConfig config, Tables known, LongSupplier nanoClock) {
        var around = new BatchStore.Surroundings(
                vertx,
                ways.pool(),
                known,
                series,
                bus,
                new SimpleMeterRegistry(),
                Clock.systemUTC(),
                nanoClock,
                RETRY_AFTER_MAX);
        return new BatchStore(config, around);
    }

    Transactions transactions(Duration limit) {
        return new Transactions(ways.pool(), limit, limit, limit);
    }

    Quarantine quarantine() {
        return new Quarantine(ways.controlPool(), new AuditTrail());
    }

    /** A database of this version, without family tables. */
    static TestDatabase database() {
        return migrated(TestDatabase.create());
    }

    static TestDatabase migrated(TestDatabase database) {
        var vertx = Vertx.vertx();
        await(new Migrator(vertx, database.address().dataSource(PATIENCE)).migrate());
        await(vertx.close());
        return database;
    }

    /** A collector that is registered, and has opened epoch 1. */
    UUID collector(TestDatabase database) {
        var collector = UUID.randomUUID();
        register(database, collector);
        await(sessions.open(collector, UUID.randomUUID(), UUID.randomUUID()));
        return collector;
    }

    static void register(TestDatabase database, UUID collector) {
        database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', 'c')".formatted(collector));
    }

    Future<Receipt> send(Batch batch) {
        return store.accept(batch);
    }

    Optional<FaultException> refusalNow(UUID collector, long bytes) {
        return store.refusalNow(collector, bytes);
    }

    Receipt sendAndWait(Batch batch) {
        return await(store.accept(batch));
    }

    /** As its metric says. */
    boolean isUp() {
        return meters.get("pganalytics.storage.up").gauge().value() == 1;
    }

    static <T> T await(Future<T> future) {
        return await(future, 60);
    }

    static <T> T await(Future<T> future, int seconds) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    Clearance clearance(Duration keep) {
        return new Clearance(ways.pool(), keep);
    }

    @Override
    public void close() {
        await(store.stop());
        await(ways.close());
        await(vertx.close());
    }
}
