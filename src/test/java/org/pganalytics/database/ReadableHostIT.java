package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Readers go to the standby while that is fit, and to the primary else: a standby's life, from calm to its loss. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReadableHostIT {
    private static final Duration LAG_MAX = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static Vertx vertx;
    private static StandbyPair pair;
    private static TestDatabase database;
    private static DatabaseAddress standby;

    @BeforeAll
    static void open() throws Exception {
        vertx = Vertx.vertx();
        pair = new StandbyPair(Files.createTempDirectory(Files.createDirectories(Path.of("target/it")), "readable"));
        database = pair.create();
        var both = pair.both(database);
        standby = both.at(both.hosts().get(0));
    }

    @AfterAll
    static void close() {
        if (pair != null) {
            pair.close();
        }
        TestServer.await(vertx.close());
    }

    private static int readablePort() {
        var primary = new WritableHost(vertx, database.address(), PATIENCE);
        return TestServer.await(new ReadableHost(vertx, standby, LAG_MAX, PATIENCE, primary).get())
                .getPort();
    }

    @Test
    @Order(1)
    void theStandbyIsReadAlsoWhereNothingIsWrittenForLong() throws Exception {
        Awaitility.await("what made the database is replayed")
                .atMost(Duration.ofSeconds(20))
                .until(() -> readablePort() == standby.port());
        Thread.sleep(LAG_MAX.plusMillis(500).toMillis());
        assertEquals(standby.port(), readablePort());
    }

    @Test
    @Order(2)
    void readersGoThereAndWritersDoNot() {
        var ways = ways();
        try {
            assertTrue(!isAnsweredByThePrimary(ways.readPool("query", 2, Duration.ofSeconds(5))));
            assertTrue(isAnsweredByThePrimary(ways.pool()));
            assertTrue(isAnsweredByThePrimary(ways.controlPool()));
        } finally {
            TestServer.await(ways.close());
        }
    }

    private static Database ways() {
        return new Database(
                vertx,
                database.address(),
                Optional.of(standby),
                DatabaseConfig.of("postgresql://localhost/x", null),
                new SimpleMeterRegistry());
    }

    private static boolean isAnsweredByThePrimary(Pool pool) {
        var rows = TestServer.await(
                pool.query("SELECT NOT pg_is_in_recovery() AS primary").execute());
        return rows.iterator().next().getBoolean(0);
    }

    /** As an old primary that was cut off would say of itself. */
    @Test
    @Order(3)
    void whoTakesWritesIsNoReplica() {
        var fallback = new WritableHost(vertx, standby, PATIENCE);
        var primary = database.address();
        assertEquals(
                standby.port(),
                TestServer.await(new ReadableHost(vertx, primary, LAG_MAX, PATIENCE, fallback).get())
                        .getPort());
    }

    /** Replay stands still, as behind a long query or on a slow machine, while the primary goes on. */
    @Test
    @Order(4)
    void oneThatIsTooFarBehindIsPassedOverUntilItHasCaughtUp() {
        pair.onStandby(database).execute("SELECT pg_wal_replay_pause()");
        // A COMMIT waits until the standby has it on disk, not until it has replayed it.
        database.execute("CREATE TABLE later AS SELECT 1 AS one");
        Awaitility.await("it is too far behind")
                .atMost(Duration.ofSeconds(20))
                .until(() -> readablePort() == database.address().port());

        pair.onStandby(database).execute("SELECT pg_wal_replay_resume()");

        Awaitility.await("it has caught up")
                .atMost(Duration.ofSeconds(20))
                .until(() -> readablePort() == standby.port());
    }

    @Test
    @Order(5)
    void oneThatIsSilentIsPassedOver() {
        pair.signalWholeStandby("STOP");
        try {
            assertEquals(database.address().port(), readablePort());
            var ways = ways();
            try {
                assertTrue(isAnsweredByThePrimary(ways.readPool("query", 2, Duration.ofSeconds(5))), "through a pool");
            } finally {
                TestServer.await(ways.close());
            }
        } finally {
            pair.signalWholeStandby("CONT");
        }
    }
}
