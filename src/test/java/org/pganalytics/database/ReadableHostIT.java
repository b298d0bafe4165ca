package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
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
        var ways = new Database(
                vertx,
                database.address(),
                Optional.of(standby),
                DatabaseConfig.of("postgresql://localhost/x", null),
                new SimpleMeterRegistry());
        try {
            var where = "SELECT pg_is_in_recovery() AS standby";
            var reading = ways.readPool("query", 2, Duration.ofSeconds(5));
            assertTrue(TestServer.await(reading.query(where).execute())
                    .iterator()
                    .next()
                    .getBoolean(0));
            for (var pool : new io.vertx.sqlclient.Pool[] {ways.pool(), ways.controlPool()}) {
                assertEquals(
                        false,
                        TestServer.await(pool.query(where).execute())
                                .iterator()
                                .next()
                                .getBoolean(0));
            }
        } finally {
            TestServer.await(ways.close());
        }
    }

    /** Replay stands still, as behind a long query or on a slow machine, while the primary goes on. */
    @Test
    @Order(3)
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
    @Order(4)
    void oneThatIsSilentOrGoneIsPassedOver() {
        pair.signalWholeStandby("STOP");
        try {
            assertEquals(database.address().port(), readablePort());
        } finally {
            pair.signalWholeStandby("CONT");
        }
    }
}
