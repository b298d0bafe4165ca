package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.Samples.batch;

import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.bus.Event;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Receipt.Outcome;

/** What is refused for ever, and what is kept of it; what is written another way than by COPY. */
class RefusalIT {
    private static final long DAY_MICROS = 86_400_000_000L;
    private static TestDatabase database;
    private static Store store;

    @BeforeAll
    static void open() {
        database = Store.database();
        store = new Store(
                StorageConfig.defaults(), database.address(), database.address().port());
    }

    @AfterAll
    static void close() {
        store.close();
        database.close();
    }

    private static BatchPosition first() {
        return new BatchPosition(1, 1, 1);
    }

    private static void isQuarantined(Fault fault, UUID collector, BatchContent content) {
        var loss = new Loss("", Loss.Reason.SPOOL_FULL, 5, 0, Long.MAX_VALUE);
        var receipt = store.sendAndWait(batch(collector, first(), List.of(loss), content));
        assertEquals(Outcome.QUARANTINED, receipt.outcome());
        assertEquals(fault, receipt.refusal().orElseThrow().fault());
        assertEquals(
                "[[" + fault + ", 1, true]]",
                database.rows("SELECT fault, sequence, length(detail) > 10 FROM quarantine WHERE collector_id = '"
                                + collector + "'")
                        .toString());
        assertEquals(
                5,
                database.number("SELECT sum(rows) FROM loss WHERE collector_id = '" + collector + "'"),
                "a refused batch declares its loss all the same");
        assertEquals(Outcome.STORED, store.sendAndWait(batch(collector, 2)).outcome(), "its number is consumed");
        Awaitility.await()
                .untilAsserted(() -> assertTrue(store.events.stream()
                        .anyMatch(event -> event instanceof Event.BatchRefused refused
                                && refused.collector().equals(collector)
                                && refused.fault() == fault)));
    }

    private static BatchContent rows(ColumnBlock... blocks) {
        return new BatchContent.Decoded(List.of(blocks));
    }

    @Test
    void rowsOfATimeThatIsNotKeptAreSetAside() {
        isQuarantined(
                Fault.TIME_OUT_OF_RANGE,
                store.collector(database),
                rows(Samples.rows(1, 2, Samples.nowMicros() - 8 * DAY_MICROS)));
        isQuarantined(
                Fault.TIME_OUT_OF_RANGE,
                store.collector(database),
                rows(Samples.rows(1, 2, Samples.nowMicros() + DAY_MICROS)));
        isQuarantined(Fault.TIME_OUT_OF_RANGE, store.collector(database), rows(Samples.rows(1, 2, Long.MIN_VALUE + 1)));
    }

    @Test
    void lateRowsWithinTheRetentionAreStored() {
        var collector = store.collector(database);
        var late = batch(collector, first(), List.of(Samples.rows(1, 2, Samples.nowMicros() - 6 * DAY_MICROS)));
        assertEquals(Outcome.STORED, store.sendAndWait(late).outcome());
    }

    @Test
    void whatTheTablesDoNotHaveIsSetAside() {
        isQuarantined(Fault.UNKNOWN_FAMILY, store.collector(database), rows(block("nowhere", "n", ColumnType.INT8)));
        isQuarantined(Fault.UNKNOWN_COLUMN, store.collector(database), rows(block("other", "m", ColumnType.INT8)));
        isQuarantined(Fault.UNKNOWN_COLUMN, store.collector(database), rows(block("other", "n", ColumnType.INT4)));
    }

    @Test
    void aValueThatDoesNotFitItsColumnIsSetAside() {
        var column = new Column("small", ColumnType.INT4, ColumnRole.GAUGE);
        var block = new ColumnBlock(
                FamilySchema.of("sample", List.of(column)),
                "db",
                Samples.nowMicros(),
                1,
                List.of(new ColumnVector.Longs(new long[] {1L << 31}, new BitSet())));
        isQuarantined(Fault.BAD_DATA, store.collector(database), rows(block));
    }

    @Test
    void aBodyThatCannotBeDecodedIsSettled() {
        isQuarantined(
                Fault.UNDECODABLE,
                store.collector(database),
                new BatchContent.Undecodable(Fault.UNDECODABLE.because("no zstd\0 at all")));
    }

    private static ColumnBlock block(String family, String column, ColumnType type) {
        var schema = FamilySchema.of(family, List.of(new Column(column, type, ColumnRole.KEY)));
        return new ColumnBlock(
                schema, "db", Samples.nowMicros(), 1, List.of(new ColumnVector.Longs(new long[] {1}, new BitSet())));
    }

    @Test
    void someColumnsOfATableAreEnough() {
        var collector = store.collector(database);
        var schema = FamilySchema.of("sample", List.of(new Column("user", ColumnType.TEXT, ColumnRole.TEXT)));
        var block = new ColumnBlock(
                schema,
                "db",
                Samples.nowMicros(),
                1,
                List.of(new ColumnVector.Texts(new byte[][] {Samples.utf8("x")}, new int[] {0})));
        var both = batch(collector, first(), List.of(block, Samples.rows(4, 1)));
        assertEquals(2, store.sendAndWait(both).rows());
    }

    @Test
    void aTextIsKeptOnceAndItsLastSendingOnceADay() {
        var collector = store.collector(database);
        var texts = List.of(
                Samples.texts("db-1", new long[] {1, 2, 1}, "SELECT 1", "SELECT 2", "SELECT 1"),
                Samples.texts("db-2", new long[] {1}, "SELECT 1"));
        store.sendAndWait(batch(collector, first(), texts));
        var kept = "SELECT name, queryid, query, last_sent > now() - interval '1 hour' FROM metrics.texts"
                + " JOIN target USING (target_id) WHERE collector_id = '" + collector + "' ORDER BY name, queryid";
        var expected = "[[db-1, 1, SELECT 1, true], [db-1, 2, SELECT 2, true], [db-2, 1, SELECT 1, true]]";
        assertEquals(expected, database.rows(kept).toString());

        database.execute("UPDATE metrics.texts SET last_sent = now() - interval '2 days' WHERE queryid = 1");
        store.sendAndWait(batch(collector, new BatchPosition(1, 2, 2), texts));
        assertEquals(expected, database.rows(kept).toString());
    }

    @Test
    void aTextWithoutItsKeyIsSetAside() {
        var nulls = new BitSet();
        nulls.set(0);
        var block = new ColumnBlock(
                Samples.TEXTS.schema(),
                "db",
                Samples.nowMicros(),
                1,
                List.of(
                        new ColumnVector.Longs(new long[] {0}, nulls),
                        new ColumnVector.Texts(new byte[][] {Samples.utf8("x")}, new int[] {0})));
        isQuarantined(Fault.BAD_DATA, store.collector(database), rows(block));
    }

    @Test
    void withoutCopyTheSameRowsArrive() {
        var config = StorageConfig.defaults();
        try (var slow = new Store(
                without(config, false, config.quarantineBytesMax(), config.queueBytesMax()),
                database.address(),
                database.address().port())) {
            var copied = store.collector(database);
            var inserted = slow.collector(database);
            store.sendAndWait(batch(
                    copied, first(), List.of(Samples.rows(1, 500, 1_000 * (Samples.nowMicros() / 1_000)))));
            slow.sendAndWait(batch(inserted, first(), List.of(Samples.rows(1, 500))));
            assertEquals(content(copied), content(inserted));
            assertEquals(
                    Outcome.QUARANTINED,
                    slow.sendAndWait(batch(inserted, new BatchPosition(1, 2, 2), List.of(Samples.poison(2))))
                            .outcome());
        }
    }

    private static String content(UUID collector) {
        return database.rows("SELECT n, small, ratio, flag, \"user\", since, count(*) FROM metrics.sample"
                        + " JOIN target USING (target_id) WHERE collector_id = '" + collector
                        + "' GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 2")
                .toString();
    }

    static StorageConfig without(StorageConfig calm, boolean copy, long quarantineBytes, long queueBytes) {
        return new StorageConfig(
                calm.lanes(),
                calm.linger(),
                calm.rowsMax(),
                calm.bytesMax(),
                queueBytes,
                calm.digestRing(),
                calm.lease(),
                copy,
                calm.statementTimeout(),
                calm.transactionTimeout(),
                calm.lockWait(),
                calm.holderLimit(),
                calm.probeEvery(),
                calm.clockAhead(),
                quarantineBytes,
                calm.quarantineKeep());
    }

    /** One without room: no bytes for the quarantine, 1 MiB for the queue. */
    private static Store small() {
        return new Store(
                without(StorageConfig.defaults(), true, 0, 1L << 20),
                database.address(),
                database.address().port());
    }

    @Test
    void beyondItsLimitTheQuarantineKeepsHeadersOnly() {
        try (var small = small()) {
            var collector = small.collector(database);
            small.sendAndWait(batch(collector, first(), List.of(Samples.poison(1))));
            assertEquals(
                    "[[true, true]]",
                    database.rows("SELECT body IS NULL, body_bytes > 0 FROM quarantine WHERE collector_id = '"
                                    + collector + "'")
                            .toString());
        }
    }

    @Test
    void aConfigurationOutOfRangeIsRefusedByName() {
        var calm = StorageConfig.defaults();
        assertEquals(
                "storage.queue-bytes-max = 1 must be between 1048576 and 17179869184",
                assertThrows(IllegalArgumentException.class, () -> without(calm, true, 0, 1))
                        .getMessage());
    }
}
