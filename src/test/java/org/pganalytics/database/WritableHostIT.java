package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.pganalytics.fault.Fault;

/** A connection goes to the host that takes writes, wherever that is by then: a pair's life, from calm to promotion. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WritableHostIT {
    private static Vertx vertx;
    private static StandbyPair pair;
    private static TestDatabase database;
    private static DatabaseAddress both;

    @BeforeAll
    static void open() throws Exception {
        vertx = Vertx.vertx();
        pair = new StandbyPair(Files.createTempDirectory(Files.createDirectories(Path.of("target/it")), "writable"));
        database = pair.create();
        both = pair.both(database);
    }

    @AfterAll
    static void close() {
        if (pair != null) {
            pair.close();
        }
        TestServer.await(vertx.close());
    }

    private static int writablePort() {
        return TestServer.await(new WritableHost(vertx, both, Duration.ofSeconds(5)).get())
                .getPort();
    }

    private static int port(int at) {
        return both.hosts().get(at).port();
    }

    @Test
    @Order(1)
    void aStandbyIsPassedOver() {
        assertEquals(port(1), writablePort());
    }

    @Test
    @Order(2)
    void oneThatDoesNotAnswerHoldsNobodyUp() {
        pair.signalWholeStandby("STOP");
        try {
            var silence = assertThrows(SQLException.class, () -> onStandby().connect(Duration.ofSeconds(1)));
            assertTrue(silence.getMessage().contains("timed out"), silence::getMessage);
            var found = new WritableHost(vertx, both, Duration.ofSeconds(60)).get();
            Awaitility.await("the other is found").atMost(Duration.ofSeconds(5)).until(found::isComplete);
            assertEquals(port(1), found.result().getPort());
        } finally {
            pair.signalWholeStandby("CONT");
        }
    }

    private static DatabaseAddress onStandby() {
        return pair.onStandby(database).address();
    }

    @Test
    @Order(3)
    void oneHostIsNotAsked() {
        var nowhere = DatabaseAddress.parse("postgresql://u@127.0.0.1:1/d");
        assertTrue(new WritableHost(vertx, nowhere, Duration.ofSeconds(5)).get().succeeded());
    }

    /** Nobody has told the old primary, which takes writes all the same. */
    @Test
    @Order(4)
    void ofTwoThatTakeWritesTheOneThatWasPromotedLastIsChosen() {
        pair.promote();
        Awaitility.await("the promoted one is found").until(() -> writablePort() == port(0));
    }

    /** It is asked alone, as when the new one is too busy to answer in time. */
    @Test
    @Order(5)
    void onceAPromotedOneWasSeenAnOldPrimaryIsNeverChosen() {
        var seen = new WritableHost(vertx, both, Duration.ofSeconds(1));
        assertEquals(port(0), TestServer.await(seen.get()).getPort());
        pair.signalWholeStandby("STOP");
        try {
            Awaitility.await("what was found is trusted no longer")
                    .until(() -> seen.get(), found -> settled(found).failed());
            var failure = settled(seen.get()).cause();
            assertSame(Fault.STORE_DOWN, Fault.of(failure));
            assertTrue(failure.getMessage().contains("is an old primary, of timeline 1"), failure::getMessage);
        } finally {
            pair.signalWholeStandby("CONT");
        }
    }

    private static Future<PgConnectOptions> settled(Future<PgConnectOptions> found) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(found::isComplete);
        return found;
    }

    @Test
    @Order(6)
    void whereNoneTakesWritesEachIsNamedWithWhatItSaid() {
        var none = new DatabaseAddress(
                List.of(new DatabaseHost("127.0.0.1", 1), new DatabaseHost("127.0.0.1", 2)),
                both.database(),
                both.user(),
                both.password(),
                both.ssl(),
                null);
        var failure = new WritableHost(vertx, none, Duration.ofSeconds(5)).get();
        Awaitility.await().until(failure::isComplete);
        assertSame(Fault.STORE_DOWN, Fault.of(failure.cause()));
        assertTrue(failure.cause().getMessage().contains("127.0.0.1:1 does not answer"), failure.cause()::getMessage);
        assertTrue(failure.cause().getMessage().contains("127.0.0.1:2 does not answer"), failure.cause()::getMessage);
    }
}
