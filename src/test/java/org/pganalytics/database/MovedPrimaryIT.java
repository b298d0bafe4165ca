package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A primary stands still with work under way, and its standby is promoted while it is being looked for. */
class MovedPrimaryIT {
    private static final String SLEEP = "SELECT pg_sleep(600)";

    private static final DatabaseConfig CONFIG = new DatabaseConfig(
            "",
            "",
            "",
            null,
            2,
            2,
            4,
            Duration.ofSeconds(20),
            Duration.ofMinutes(10),
            Duration.ofMinutes(10),
            ReplicaConfig.none(),
            EmbeddedPostgresConfig.in(Path.of("target/none")));

    private static Vertx vertx;
    private static StandbyPair pair;
    private static TestDatabase database;

    @BeforeAll
    static void open() throws Exception {
        vertx = Vertx.vertx();
        pair = new StandbyPair(Files.createTempDirectory(Files.createDirectories(Path.of("target/it")), "moved"));
        database = pair.create();
    }

    @AfterAll
    static void close() {
        if (pair != null) {
            pair.close();
        }
        TestServer.await(vertx.close());
    }

    @Test
    void oneHostByTwoNamesIsNoMove() throws Exception {
        var address = pair.onPrimary(database).address();
        int port = address.hosts().get(0).port();
        var twice = new DatabaseAddress(
                List.of(new DatabaseHost("localhost", port), new DatabaseHost("127.0.0.1", port)),
                address.database(),
                address.user(),
                address.password(),
                address.ssl(),
                null);
        var moves = new AtomicInteger();
        var writable = new WritableHost(vertx, twice, Duration.ofSeconds(30), moves::incrementAndGet);
        for (int search = 0; search < 8; search++) {
            TestServer.await(writable.get());
            Thread.sleep(260);
        }
        assertEquals(0, moves.get());
    }

    @Test
    void whatIsUnderWayEndsAndTheNextGoesToThePromotedOne() {
        var way = new Database(vertx, pair.both(database), CONFIG, new SimpleMeterRegistry());
        var reading = way.readPool("reader", 1, Duration.ofMinutes(10));
        var own = TestServer.await(way.connecting().get().compose(where -> PgConnection.connect(vertx, where)));
        way.cutOnMove(own);
        var works = List.<Future<?>>of(
                way.pool().query(SLEEP).execute(),
                way.controlPool().query(SLEEP).execute(),
                reading.query(SLEEP).execute(),
                own.query(SLEEP).execute());
        Awaitility.await("all are under way")
                .until(() -> pair.onPrimary(database)
                                .number("SELECT count(*) FROM pg_stat_activity WHERE query = '%s'".formatted(SLEEP))
                        == works.size());
        pair.signalPrimary("STOP");
        var found = Awaitility.await("what was found is trusted no longer")
                .pollDelay(Duration.ofMillis(300))
                .until(way::writableAddress, search -> true);
        assertFalse(found.isComplete(), "a primary that says nothing may be slow");
        pair.promote();
        Awaitility.await("the promoted one is found")
                .atMost(Duration.ofSeconds(10))
                .until(found::isComplete);
        assertEquals(pair.ports().get(0), found.result().hosts().get(0).port());
        Awaitility.await("all have ended")
                .atMost(Duration.ofSeconds(10))
                .until(() -> works.stream().allMatch(Future::failed));
        for (var pool : List.of(way.pool(), way.controlPool(), reading)) {
            assertEquals(1, TestServer.await(pool.query("SELECT 1").execute()).size());
        }
        TestServer.await(way.close());
    }
}
