package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.pganalytics.storage.Samples.batch;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.StandbyPair;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.Receipt.Outcome;

/** A database whose commits wait for a standby: what only the primary has was not acknowledged. */
class StandbyIT {
    private static final String WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            + " AND datname = current_database() AND application_name = 'pganalytics ingest'";

    private static StandbyPair pair;
    private static TestDatabase database;
    private static Store store;
    private static Store another;

    @BeforeAll
    static void open() throws Exception {
        var below = Files.createDirectories(Path.of("target/it"));
        pair = new StandbyPair(Files.createTempDirectory(below, "standby"));
        database = Store.migrated(pair.create());
        store = store();
        another = store();
    }

    private static Store store() {
        return new Store(
                BrokenCopyIT.impatient(), database.address(), database.address().port());
    }

    @AfterAll
    static void close() {
        store.close();
        another.close();
        pair.close();
    }

    private static List<List<Object>> waiting() {
        return database.rows(WAITING);
    }

    /** Longer than a holder may wait on its client, and than a transaction may take. */
    private static void longer() {
        await(store.vertx.timer(3_500, TimeUnit.MILLISECONDS));
    }

    private static long mark(UUID collector) {
        return database.number("SELECT mark FROM ledger WHERE collector_id = '%s'".formatted(collector));
    }

    @Test
    void noAckAndNoWelcomeLeavesBeforeTheStandbyHasTheRows() {
        var collector = store.collector(database);
        var instance = UUID.randomUUID();
        assertEquals(Outcome.STORED, store.sendAndWait(batch(collector, 1)).outcome());

        pair.signalStandby("STOP");
        Future<Receipt> first = store.send(batch(collector, 2));
        Awaitility.await("the commit waits").until(() -> waiting().size() == 1);
        var holder = waiting();
        Future<Receipt> again = another.send(batch(collector, 2));
        longer();
        assertEquals(holder, waiting(), "who waits for the standby is not terminated");
        assertFalse(first.succeeded());
        assertFalse(again.succeeded());
        assertEquals(1, mark(collector), "a commit that waits is not seen");

        database.rows("SELECT pg_terminate_backend(pid) FROM (" + WAITING + ") AS w");
        Awaitility.await("it is seen, on the primary alone").until(() -> mark(collector) == 2);
        Future<Receipt> duplicate = another.send(batch(collector, 2));
        var welcome = another.sessions.open(collector, instance, UUID.randomUUID());
        longer();
        assertFalse(first.succeeded());
        assertFalse(again.succeeded());
        assertFalse(duplicate.succeeded(), "seeing is not knowing");
        assertFalse(welcome.succeeded());

        pair.signalStandby("CONT");
        assertEquals(Outcome.DUPLICATE, untilSettled(collector, 2).outcome());
        assertEquals(Outcome.STORED, untilSettled(collector, 3).outcome());
        assertEquals(
                "[[9, 3, 18]]",
                database.rows("SELECT count(*), count(DISTINCT n), sum(n) FROM metrics.sample JOIN target USING"
                                + " (target_id) WHERE collector_id = '%s'".formatted(collector))
                        .toString());
    }

    /** As a collector does: the same again while it is told to come again. */
    private static Receipt untilSettled(UUID collector, long sequence) {
        var batch = batch(collector, sequence);
        return Awaitility.await("batch " + sequence)
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptionsMatching(failure -> failure instanceof FaultException refused
                        && refused.fault().retryable())
                .until(() -> store.sendAndWait(batch), receipt -> receipt.mark() >= sequence);
    }
}
