package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.Samples.batch;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.bus.Event;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** A database that is ended, stopped, crashed and away while two servers write batches of the same collectors to it. */
class BrokenDatabaseIT {
    private static final String BACKENDS =
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'pganalytics ingest'"
                    + " AND datname = current_database()";

    private static TestDatabase database;
    private static Vertx vertx;
    private static Cable cable;
    private static Store store;
    private static Store another;

    @BeforeAll
    static void open() {
        database = Store.database();
        vertx = Vertx.vertx();
        cable = new Cable(vertx, database.address().port());
        store = new Store(BrokenCopyIT.impatient(), database.address(), await(cable.plugIn()));
        another = new Store(
                BrokenCopyIT.impatient(), database.address(), database.address().port());
    }

    @AfterAll
    static void close() {
        store.close();
        another.close();
        await(vertx.close());
        database.close();
    }

    /** The test before may have left the pools with connections whose other end is gone. */
    @BeforeEach
    void recover() {
        Awaitility.await().ignoreExceptions().until(() -> {
            for (var each : List.of(store, another)) {
                each.sendAndWait(batch(each.collector(database), 1));
            }
            return true;
        });
    }

    private interface Trouble {
        void cause() throws Exception;
    }

    private static void nothingIsLostOrDoubled(Trouble trouble) throws Exception {
        var senders = IntStream.range(0, 6)
                .mapToObj(i -> new Sender(List.of(store, another), store.collector(database)))
                .toList();
        trouble.cause();
        for (var sender : senders) {
            long last = await(sender.stop());
            var rows = database.rows("SELECT count(*), count(DISTINCT n), sum(n) FROM metrics.sample"
                    + " JOIN target USING (target_id) WHERE collector_id = '" + sender.collector() + "'");
            assertEquals("[[%d, %d, %d]]".formatted(100 * last, last, 100 * last * (last + 1) / 2), rows.toString());
            assertTrue(last > 1, "something was sent");
        }
    }

    private static void pause(long millis) {
        await(vertx.timer(millis, TimeUnit.MILLISECONDS));
    }

    /** Those that there are, once there are some: a trouble that meets nobody proves nothing. */
    private static List<String> backends() {
        return Awaitility.await()
                .until(
                        () -> database.rows(BACKENDS).stream()
                                .map(row -> row.get(0).toString())
                                .toList(),
                        pids -> !pids.isEmpty());
    }

    private static void signal(String signal, List<String> pids) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -" + signal + " " + String.join(" ", pids) + " 2>&1 || true")
                .start()
                .waitFor();
    }

    @Test
    void backendsThatAreTerminatedLoseAndDoubleNothing() throws Exception {
        nothingIsLostOrDoubled(() -> {
            long terminated = 0;
            for (int i = 0; i < 20; i++) {
                pause(100);
                terminated += database.number(
                        "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM (" + BACKENDS + ") b");
            }
            assertTrue(terminated > 1, "terminated " + terminated);
        });
    }

    @Test
    void backendsThatAreStoppedLoseAndDoubleNothing() throws Exception {
        nothingIsLostOrDoubled(() -> {
            for (int i = 0; i < 2; i++) {
                pause(300);
                var pids = backends();
                signal("STOP", pids);
                pause(2_500);
                signal("CONT", pids);
            }
        });
    }

    @Test
    void aCrashOfTheDatabaseLosesAndDoublesNothing() throws Exception {
        nothingIsLostOrDoubled(() -> {
            pause(500);
            signal("KILL", backends().stream().limit(1).collect(Collectors.toList()));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> database.number("SELECT 1") == 1);
            pause(500);
        });
    }

    @Test
    void whileTheDatabaseIsAwayNothingIsTakenAndThenItGoesOn() {
        var collector = store.collector(database);
        store.sendAndWait(batch(collector, 1));
        store.events.clear();
        cable.unplug();
        Awaitility.await().until(() -> !store.isUp());
        for (int i = 0; i < 2_000; i++) {
            var refused = assertThrows(FaultException.class, () -> store.sendAndWait(batch(collector, 2)));
            assertEquals(Fault.STORE_DOWN, refused.fault());
            assertTrue(refused.retryAfter().isPresent());
        }
        assertEquals(
                0.0, store.meters.get("pganalytics.storage.queue.bytes").gauge().value());
        assertThrows(Exception.class, () -> await(store.store.probe()));
        assertEquals(
                Fault.STORE_DOWN,
                assertThrows(FaultException.class, () -> await(store.sessions.renew(collector, 1, UUID.randomUUID())))
                        .fault());

        cable.plugInAgain();
        Awaitility.await().until(() -> store.isUp());
        assertEquals(2, store.sendAndWait(batch(collector, 2)).mark());
        Awaitility.await()
                .untilAsserted(() -> assertEquals(
                        List.of(false, true),
                        store.events.stream()
                                .filter(Event.StoreStateChanged.class::isInstance)
                                .map(event -> ((Event.StoreStateChanged) event).up())
                                .toList()));
    }
}
