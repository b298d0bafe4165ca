package org.pganalytics.alert;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;

/** Real alerts in a real table. */
class AlertVerticleIT {
    private static final UUID COLLECTOR = UUID.fromString("00000000-0000-0000-0000-0000000000c1");
    private static final AlertConfig CONFIG = new AlertConfig(
            Duration.ofMillis(100), Duration.ofSeconds(1), 5, Duration.ofSeconds(2), 100, Duration.ofDays(1));
    private static TestDatabase database;

    private final List<Server> servers = new ArrayList<>();

    /** One server's alerting. */
    private static final class Server {
        final Vertx vertx = Vertx.vertx();
        final Bus bus = new Bus(vertx);
        final Pool pool = database.pool(vertx, 2);

        Server(String name) {
            done(vertx.deployVerticle(
                    new AlertVerticle(bus, pool, CONFIG, Clock.systemUTC(), name, new SimpleMeterRegistry())));
        }

        void stop() {
            done(vertx.close());
        }

        private static void done(Future<?> future) {
            try {
                future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @BeforeAll
    static void create() {
        database = TestDatabase.create().migrated();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    @BeforeEach
    void empty() {
        database.execute("TRUNCATE alert, collector CASCADE");
    }

    @AfterEach
    void stop() {
        servers.forEach(Server::stop);
    }

    private Server server(String name) {
        var server = new Server(name);
        servers.add(server);
        return server;
    }

    private static long open(String rule) {
        return database.number("SELECT count(*) FROM alert WHERE rule = '%s' AND cleared_at IS NULL".formatted(rule));
    }

    private static long closed(String rule) {
        return database.number(
                "SELECT count(*) FROM alert WHERE rule = '%s' AND cleared_at IS NOT NULL".formatted(rule));
    }

    private static void within(int seconds, String rule, long open, long closed) {
        await().atMost(Duration.ofSeconds(seconds))
                .untilAsserted(() -> assertEquals(List.of(open, closed), List.of(open(rule), closed(rule))));
    }

    private static Event.BatchRefused refused(Fault fault) {
        return new Event.BatchRefused(COLLECTOR, fault, "because\nof a test", 1);
    }

    @Test
    void aCollectorThatFallsSilentIsAnAlertUntilItSendsAgain() {
        database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', 'db-one')".formatted(COLLECTOR));
        server("a");
        server("b");
        within(15, "collector-silent", 1, 0);
        database.execute("UPDATE collector SET last_seen_at = now() + interval '1 hour'");
        within(15, "collector-silent", 0, 1);
        database.execute("UPDATE collector SET last_seen_at = now() - interval '1 hour'");
        within(15, "collector-silent", 1, 1);
        database.execute("UPDATE collector SET revoked_at = now()");
        within(15, "collector-silent", 0, 2);
    }

    @Test
    void aLossIsOneAlertHoweverOftenItIsDeclaredAndOverWhenItStops() {
        var server = server("a");
        for (int i = 0; i < 50; i++) {
            server.bus.publish(new Event.LossDeclared(COLLECTOR, "pg_locks", "SPOOL_FULL", 1, 10));
        }
        within(10, "collector-lossy", 1, 0);
        within(15, "collector-lossy", 0, 1);
        server.bus.publish(new Event.LossDeclared(COLLECTOR, "", "SPOOL_FULL", 1, 10));
        within(10, "collector-lossy", 1, 1);
        server.bus.publish(new Event.PushLost("192.0.2.1", Fault.STORE_DOWN));
        within(10, "collector-lossy", 2, 1);
    }

    @Test
    void refusalsBecomeTheAlertTheyStandFor() {
        var server = server("a");
        server.bus.publish(refused(Fault.POSITION_CONFLICT));
        server.bus.publish(refused(Fault.TIME_OUT_OF_RANGE));
        server.bus.publish(refused(Fault.UNKNOWN_FAMILY));
        server.bus.publish(refused(Fault.POSITION_GAP));
        server.bus.publish(refused(Fault.STORE_DOWN));
        within(10, "identity-conflict", 1, 0);
        within(10, "time-out-of-range", 1, 0);
        within(10, "batch-quarantined", 1, 0);
        assertEquals(3, database.number("SELECT count(*) FROM alert"));
        assertEquals(0, database.number("SELECT count(*) FROM alert WHERE message ~ '[[:cntrl:]]'"));
    }

    @Test
    void onlyRepeatedThrottlingIsAnAlert() {
        var server = server("a");
        for (int i = 0; i < 4; i++) {
            server.bus.publish(refused(Fault.RATE_LIMITED));
        }
        server.bus.publish(refused(Fault.POSITION_CONFLICT));
        within(10, "identity-conflict", 1, 0);
        assertEquals(0, open("collector-throttled"));
        server.bus.publish(refused(Fault.RATE_LIMITED));
        within(10, "collector-throttled", 1, 0);
    }

    @Test
    void anOutageIsKeptInMemoryAndWrittenAfter() {
        var server = server("a");
        database.execute("ALTER TABLE alert RENAME TO alert_away");
        try {
            server.bus.publish(new Event.StoreStateChanged(false, "connection refused"));
            server.bus.publish(refused(Fault.POSITION_CONFLICT));
            server.bus.publish(new Event.StoreStateChanged(true, ""));
            server.bus.publish(new Event.StoreStateChanged(false, "connection refused"));
            server.bus.publish(new Event.StoreStateChanged(false, "connection refused"));
        } finally {
            database.execute("ALTER TABLE alert_away RENAME TO alert");
        }
        within(10, "database-refusing", 1, 1);
        within(10, "identity-conflict", 1, 0);
        server.bus.publish(new Event.StoreStateChanged(true, ""));
        within(10, "database-refusing", 0, 2);
    }

    @Test
    void openAlertsSurviveARestartAndAreClearedAfterIt() {
        var first = server("a");
        first.bus.publish(refused(Fault.POSITION_CONFLICT));
        first.bus.publish(new Event.StoreStateChanged(false, "disk full"));
        within(10, "identity-conflict", 1, 0);
        within(10, "database-refusing", 1, 0);
        servers.remove(first);
        first.stop();
        assertEquals(1, open("identity-conflict"));
        server("a");
        within(5, "database-refusing", 0, 1);
        within(15, "identity-conflict", 0, 1);
    }

    @Test
    void twoServersRaiseOneAlert() {
        var a = server("a");
        var b = server("b");
        for (int i = 0; i < 20; i++) {
            a.bus.publish(refused(Fault.POSITION_CONFLICT));
            b.bus.publish(refused(Fault.POSITION_CONFLICT));
        }
        within(10, "identity-conflict", 1, 0);
        within(15, "identity-conflict", 0, 1);
    }
}
