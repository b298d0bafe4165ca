package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.pganalytics.storage.Samples.batch;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Receipt.Outcome;
import org.pganalytics.storage.tables.FamilyTable;

/** No group is waited for without end, whoever it is that never answers: the server, or a future that nobody completes. */
class OverdueGroupIT {
    private static TestDatabase database;
    private static Vertx vertx;
    private static Cable cable;
    private static Store store;

    @BeforeAll
    static void open() {
        database = Store.database();
        vertx = Vertx.vertx();
        cable = new Cable(vertx, database.address().port());
        store = new Store(BrokenCopyIT.impatient(), database.address(), await(cable.plugIn()));
    }

    @AfterAll
    static void close() {
        store.close();
        await(vertx.close());
        database.close();
    }

    /** What the store would ask of tables, but for targets while they are lost: that is never answered. */
    private static final class Forgetful implements Tables {
        private final Tables tables = store.tables;
        private volatile boolean lost;

        @Override
        public Optional<FamilyTable> lookup(String family) {
            return tables.lookup(family);
        }

        @Override
        public Future<Void> ensure(String family, LocalDate day) {
            return tables.ensure(family, day);
        }

        @Override
        public Future<Void> refresh() {
            return tables.refresh();
        }

        @Override
        public long generation() {
            return tables.generation();
        }

        @Override
        public Future<Map<String, Integer>> targets(UUID collector, Set<String> names) {
            Promise<Map<String, Integer>> never = Promise.promise();
            return lost ? never.future() : tables.targets(collector, names);
        }
    }

    private static FaultException refused(Future<?> future) {
        return assertThrows(FaultException.class, () -> await(future));
    }

    private static String problem(BatchStore batches) {
        return assertThrows(IllegalStateException.class, () -> await(batches.probe()))
                .getMessage();
    }

    private static double runningSeconds() {
        return store.meters.get("pganalytics.storage.group.running").timeGauges().stream()
                .mapToDouble(gauge -> gauge.value(TimeUnit.SECONDS))
                .max()
                .orElseThrow();
    }

    @Test
    void aServerThatNeverAnswersIsWaitedForNoLongerThanATransactionMayTake() {
        var collector = store.collector(database);
        store.sendAndWait(batch(collector, 1));
        cable.have(Accident.STALL_AT_COPY_COMPLETE);

        var answer = store.send(batch(collector, 2));
        Awaitility.await().until(() -> runningSeconds() >= 0.5);
        assertEquals(Fault.STORE_DOWN, refused(answer).fault());
        assertEquals("batches are not stored: a transaction took longer than 2000 ms", problem(store.store));

        assertEquals(Outcome.STORED, resent(store.store, collector));
        await(store.store.probe());
        assertEquals(0, runningSeconds());
    }

    private static Outcome resent(BatchStore batches, UUID collector) {
        return await(batches.accept(batch(collector, 2))).outcome();
    }

    @Test
    void anAnswerThatGotLostIsWaitedForNoLongerThanAGroupMayTake() {
        var tables = new Forgetful();
        var batches = store.beside(BrokenCopyIT.impatient(), tables);
        await(batches.start());
        var collector = store.collector(database);
        await(batches.accept(batch(collector, 1)));
        tables.lost = true;

        assertEquals(
                Fault.STORE_DOWN, refused(batches.accept(batch(collector, 2))).fault());
        assertEquals("batches are not stored: a group of batches took longer than 4000 ms", problem(batches));

        tables.lost = false;
        assertEquals(Outcome.STORED, resent(batches, collector), "the lane goes on");
        await(batches.probe());
        await(batches.stop());
    }

    /** The line is fine, and yet nobody completes the work: without an end of its own it would be for ever. */
    @Test
    void workThatNobodyCompletesLosesItsConnection() {
        var transactions = store.transactions(Duration.ofSeconds(1));
        Promise<Void> never = Promise.promise();
        Promise<Integer> backend = Promise.promise();
        var running = transactions.run(connection -> connection
                .query("SELECT pg_backend_pid()")
                .execute()
                .onSuccess(rows -> backend.complete(rows.iterator().next().getInteger(0)))
                .compose(asked -> never.future()));

        assertThrows(Overdue.class, () -> await(running));
        int pid = await(backend.future());
        Awaitility.await()
                .until(() -> database.number("SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid) == 0);
        assertEquals("on", await(transactions.run(connection -> Future.succeededFuture("on"))));
    }

    /** Nobody else uses the store meanwhile: what is not ready must not stay so because nothing is sent to it. */
    @Test
    void anOverdueGroupIsForgottenWhenNoOtherComes() {
        var collector = store.collector(database);
        cable.have(Accident.STALL_AFTER_COMMIT);
        assertEquals(Fault.STORE_DOWN, refused(store.send(batch(collector, 1))).fault());
        problem(store.store);
        Awaitility.await().ignoreExceptions().until(() -> {
            await(store.store.probe());
            return true;
        });
        assertEquals(
                Outcome.DUPLICATE, await(store.send(batch(collector, 1))).outcome(), "nobody knew, but the ledger did");
    }
}
