package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.database.TestServer.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pools' connections are as durable as we promise, and say when they are new. */
class DatabaseIT {
    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private TestDatabase ground;
    private Database database;

    @BeforeEach
    void open() {
        ground = TestDatabase.create();
        var config = new DatabaseConfig(
                "",
                "",
                "",
                null,
                2,
                1,
                2,
                Duration.ofSeconds(2),
                Duration.ofMillis(300),
                Duration.ofMinutes(1),
                ReplicaConfig.none(),
                EmbeddedPostgresConfig.in(Path.of("target/none")));
        database = new Database(vertx, ground.address(), config, meters);
    }

    @AfterEach
    void close() {
        await(database.close());
        await(vertx.close());
        ground.close();
    }

    private static String ask(Pool pool, String sql) {
        return await(pool.query(sql).execute()).iterator().next().getString(0);
    }

    @Test
    void aCommitIsOnDiskWhateverTheServersDefault() {
        ground.executeAsSuperuser("ALTER DATABASE " + ground.name() + " SET synchronous_commit = off");
        ground.executeAsSuperuser(
                "ALTER ROLE pganalytics IN DATABASE " + ground.name() + " SET synchronous_commit = off");
        assertEquals("on", ask(database.pool(), "SHOW synchronous_commit"));
        assertEquals("on", ask(database.controlPool(), "SHOW synchronous_commit"));
    }

    @Test
    void onlyTheControlPoolEndsLongStatements() {
        assertThrows(RuntimeException.class, () -> ask(database.controlPool(), "SELECT pg_sleep(1)::text"));
        assertEquals("", ask(database.pool(), "SELECT pg_sleep(1)::text"));
    }

    @Test
    void eachNewConnectionIsTold() {
        var told = new AtomicInteger();
        database.onNewConnection(told::incrementAndGet);
        ask(database.controlPool(), "SELECT '1'");
        ask(database.controlPool(), "SELECT '1'");
        assertEquals(1, told.get());

        ground.executeAsSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = 'pganalytics control' AND datname = current_database()");

        Awaitility.await()
                .ignoreExceptions()
                .until(() -> ask(database.controlPool(), "SELECT '1'").equals("1"));
        assertEquals(2, told.get());
        assertEquals(
                1,
                meters.get("pganalytics.database.pool.connections")
                        .tag("pool", "control")
                        .gauge()
                        .value());
    }

    @Test
    void aReadersLongStatementStaysPreparedAndIsPlannedForItsValues() {
        var reading = database.readPool("test", 1, Duration.ofSeconds(5));
        var longer = "SELECT $1 || '%s'".formatted("x".repeat(10_000));
        for (int turn = 0; turn < 2; turn++) {
            await(reading.preparedQuery(longer).execute(Tuple.of("a")));
        }
        assertEquals(
                "2 of 2",
                ask(
                        reading,
                        "SELECT custom_plans || ' of ' || generic_plans + custom_plans FROM pg_prepared_statements"
                                + " WHERE length(statement) > 10000"));
        assertEquals("force_custom_plan", ask(reading, "SHOW plan_cache_mode"));
    }

    @ParameterizedTest
    @CsvSource({"15, false, PLAIN", "17, true, EMBEDDED", "18, false, PLAIN"})
    void theTierIsWhatTheDatabaseSays(int major, boolean embedded, Tier.Kind kind) {
        try (var other = TestDatabase.create(major)) {
            var pool = other.pool(vertx, 1);
            var tier = await(Tier.detect(pool, embedded));
            await(pool.close());
            assertEquals(kind, tier.kind());
            assertEquals(major, tier.serverMajor());
            assertTrue(tier.toString().contains("PostgreSQL " + major + "."), tier::toString);
        }
    }
}
