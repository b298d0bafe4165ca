package org.pganalytics.storage;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.model.Batch;
import org.pganalytics.model.Receipt;

/** A whole store on a Vert.x of its own, as a server has it: blocking, for tests. */
final class Store implements AutoCloseable {
    static final List<String> SCHEMA = List.of("V0101__collector.sql", "V0201__ledger.sql", "V0202__quarantine.sql");
    private static final String TABLES = """
            CREATE SCHEMA metrics;
            CREATE TABLE target (target_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                collector_id uuid NOT NULL REFERENCES collector, name text NOT NULL, UNIQUE (collector_id, name));
            CREATE TABLE metrics.sample (time timestamptz NOT NULL, target_id int NOT NULL, extra text, n int8, small int4,
                ratio float8, flag bool, "user" text, since timestamptz);
            CREATE TABLE metrics.other (time timestamptz NOT NULL, target_id int NOT NULL, n int8);
            CREATE TABLE metrics.texts (target_id int NOT NULL, queryid int8 NOT NULL, query text,
                last_sent timestamptz NOT NULL, PRIMARY KEY (target_id, queryid));
            """;

    final Vertx vertx = Vertx.vertx();
    final Pool pool;
    final BatchStore store;
    final LedgerSessions sessions;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();

    Store(StorageConfig config, DatabaseAddress address, int port) {
        this(config, address, port, Clock.systemUTC());
    }

    Store(StorageConfig config, DatabaseAddress address, int port, Clock clock) {
        PgConnectOptions options = address.connectOptions().setPort(port);
        pool = PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(8))
                .connectingTo(options)
                .using(vertx)
                .build();
        var bus = new Bus(vertx);
        List.of(
                        Event.BatchStored.class,
                        Event.BatchDuplicated.class,
                        Event.BatchRefused.class,
                        Event.LossDeclared.class,
                        Event.StoreStateChanged.class)
                .forEach(type -> bus.on(type, events::add));
        store = new BatchStore(
                config,
                new BatchStore.Surroundings(vertx, pool, new PlainTables(pool), bus, meters, clock, System::nanoTime));
        sessions = new LedgerSessions(config, vertx, pool);
        await(store.start());
    }

    /** A database with the tables that the store writes to. */
    static TestDatabase database() {
        var database = TestDatabase.create();
        SCHEMA.forEach(file -> database.execute(resource(file)));
        database.execute(TABLES);
        return database;
    }

    private static String resource(String file) {
        try (var in = Store.class.getResourceAsStream("/schema/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    Receipt sendAndWait(Batch batch) {
        return await(store.accept(batch));
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

    @Override
    public void close() {
        await(store.stop());
        await(pool.close());
        await(vertx.close());
    }
}
