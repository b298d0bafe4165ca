package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.Samples.batch;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Vertx;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.Receipt.Outcome;

/** Whatever the cable to PostgreSQL does, at whatever message, an acknowledged batch is stored, and stored once. */
class BrokenCopyIT {
    private static final int ROWS = 5_000;
    private static TestDatabase database;
    private static Vertx vertx;
    private static Cable cable;
    private static Store store;

    @BeforeAll
    static void open() {
        database = Store.database();
        vertx = Vertx.vertx();
        cable = new Cable(vertx, database.address().port());
        int port = await(cable.plugIn());
        store = new Store(impatient(), database.address(), port);
    }

    @AfterAll
    static void close() {
        store.close();
        await(vertx.close());
        database.close();
    }

    static StorageConfig impatient() {
        var calm = StorageConfig.defaults();
        return new StorageConfig(
                calm.lanes(),
                calm.linger(),
                calm.rowsMax(),
                calm.bytesMax(),
                calm.queueBytesMax(),
                calm.digestRing(),
                calm.lease(),
                true,
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                calm.lockWait(),
                Duration.ofSeconds(1),
                calm.probeEvery(),
                calm.clockAhead(),
                calm.quarantineBytesMax(),
                calm.quarantineKeep());
    }

    /** How often a collector must send the batch, and what it is told in the end. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "NONE, 1, STORED",
        "BYTE_BY_BYTE, 1, STORED",
        "NOISE, 1, STORED",
        "CUT_BEFORE_BEGIN, 2, STORED",
        "CUT_BEFORE_COPY, 2, STORED",
        "CUT_AT_COPY_IN_RESPONSE, 2, STORED",
        "CUT_MID_COPY_DATA, 2, STORED",
        "CUT_BEFORE_COPY_DONE, 2, STORED",
        "CUT_AT_COPY_COMPLETE, 2, STORED",
        "CUT_AT_READY_AFTER_COPY, 2, STORED",
        "CUT_BEFORE_COMMIT, 2, STORED",
        "CUT_AFTER_COMMIT, 2, DUPLICATE",
        "STALL_MID_COPY_DATA, 2, STORED",
        "STALL_AT_COPY_COMPLETE, 2, STORED",
        "STALL_AFTER_COMMIT, 2, DUPLICATE",
        "DISK_FULL, 2, STORED",
        "ERROR_SWALLOWED, 2, STORED",
        "ERROR_THEN_READY_IN_TRANSACTION, 2, STORED",
        "WRONG_COUNT, 2, STORED",
        "UNKNOWN_MESSAGE, 2, STORED",
        "ABSURD_LENGTH, 2, STORED",
        "NOT_BINARY, 2, STORED"
    })
    @Retention(RetentionPolicy.RUNTIME)
    @interface WithEachAccident {}

    @WithEachAccident
    void anAcknowledgedBatchIsStoredOnce(Accident accident, int tries, Outcome outcome) {
        var collector = store.collector(database);
        assertStoredOnce(accident, tries, outcome, number -> large(collector, number, false));
    }

    /** The accident befalls the first COPY, while the second is on its way as well. */
    @WithEachAccident
    void soItIsWhereCopiesFollowEachOther(Accident accident, int tries, Outcome outcome) {
        var collector = store.collector(database);
        assertStoredOnce(accident, tries, outcome, number -> large(collector, number, true));
        assertEquals(
                "[[1], [2], [3]]",
                database.rows("SELECT n FROM metrics.other JOIN target USING (target_id) WHERE collector_id = '"
                                + collector + "' ORDER BY n")
                        .toString());
    }

    private void assertStoredOnce(Accident accident, int tries, Outcome outcome, LongFunction<Batch> batches) {
        assertEquals(1, sendUntilAcknowledged(batches.apply(1), Outcome.STORED));
        cable.have(accident);
        int before = cable.accidents.get();

        assertEquals(tries, sendUntilAcknowledged(batches.apply(2), outcome), "resends must not hide a bug");
        assertEquals(accident == Accident.NONE ? 0 : 1, cable.accidents.get() - before, "the accident took place");
        assertEquals(1, sendUntilAcknowledged(batches.apply(3), Outcome.STORED));
        assertEquals(
                "[[1, 5000, -12497500], [2, 5000, -12497500], [3, 5000, -12497500]]",
                database.rows("SELECT n, count(*), sum(small) FROM metrics.sample JOIN target USING (target_id)"
                                + " WHERE collector_id = '" + batches.apply(1).collector() + "' GROUP BY n ORDER BY n")
                        .toString());
    }

    private static Batch large(UUID collector, long sequence, boolean withOthers) {
        var rows = Samples.rows(sequence, ROWS);
        return batch(
                collector,
                new BatchPosition(1, sequence, sequence),
                withOthers ? List.of(rows, Samples.others(sequence)) : List.of(rows));
    }

    /** @return how often it was sent */
    private static int sendUntilAcknowledged(Batch batch, Outcome outcome) {
        for (int tries = 1; tries <= 5; tries++) {
            try {
                Receipt receipt = store.sendAndWait(batch);
                assertEquals(outcome, receipt.outcome());
                assertEquals(
                        ROWS,
                        database.number("SELECT count(*) FROM metrics.sample JOIN target USING (target_id)"
                                + " WHERE n = " + batch.number().sequence() + " AND collector_id = '"
                                + batch.collector() + "'"),
                        "whoever is acknowledged finds the rows committed");
                return tries;
            } catch (FaultException refused) {
                assertEquals(Fault.STORE_DOWN, refused.fault());
                assertTrue(store.isUp(), "one broken connection is not a database that is away");
            }
        }
        throw new AssertionError("never acknowledged");
    }
}
