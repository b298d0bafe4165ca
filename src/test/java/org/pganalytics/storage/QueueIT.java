package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.Samples.batch;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.Receipt.Outcome;

/** What waits for the database has a limit, of 1 MiB here. */
class QueueIT {
    private static TestDatabase database;
    private static Store small;

    @BeforeAll
    static void open() {
        database = Store.database();
        small = new Store(
                RefusalIT.without(StorageConfig.defaults(), true, 0, 1L << 20),
                database.address(),
                database.address().port());
    }

    @AfterAll
    static void close() {
        small.close();
        database.close();
    }

    @Test
    void aBatchLargerThanTheWholeQueueIsTakenWhenItIsAlone() {
        var large = batch(small.collector(database), new BatchPosition(1, 1, 1), List.of(Samples.rows(1, 20_000)));
        assertEquals(20_000, small.sendAndWait(large).rows());
    }

    @Test
    void aFullQueueRefusesAndForgetsNothingItTook() {
        var collector = small.collector(database);
        var answers = LongStream.rangeClosed(1, 40)
                .mapToObj(
                        n -> small.send(batch(collector, new BatchPosition(1, n, n), List.of(Samples.rows(n, 1_000)))))
                .toList();
        var now = small.refusalNow(collector, 1 << 20).map(FaultException::fault);
        assertEquals(Optional.of(Fault.OVERLOADED), now);
        long stored = answers.stream().filter(answer -> isStored(answer)).count();
        assertTrue(stored >= 1 && stored < 40, "stored " + stored);
        assertEquals(
                stored * 1_000,
                database.number("SELECT count(*) FROM metrics.sample JOIN target USING (target_id)"
                        + " WHERE collector_id = '" + collector + "'"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertEquals(
                        0.0,
                        small.meters
                                .get("pganalytics.storage.queue.bytes")
                                .gauge()
                                .value()));
        assertEquals(Optional.empty(), small.refusalNow(collector, 2 << 20), "alone it would be taken");
    }

    private static boolean isStored(Future<Receipt> answer) {
        try {
            return await(answer).outcome() == Outcome.STORED;
        } catch (FaultException refused) {
            assertTrue(
                    refused.fault() == Fault.OVERLOADED || refused.fault() == Fault.POSITION_GAP, refused.toString());
            return false;
        }
    }
}
