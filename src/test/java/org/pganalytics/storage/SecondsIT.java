package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.Receipt.Outcome;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.model.SecondRanges.LogLines;
import org.pganalytics.model.Seconds;

/** What a collector without numbers repeats is stored once, by the seconds it speaks of. */
class SecondsIT {
    private static final long NOW = System.currentTimeMillis() / 1_000;

    private static TestDatabase database;
    private static Store store;
    private UUID collector;

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

    @BeforeEach
    void register() {
        collector = UUID.randomUUID();
        Store.register(database, collector);
    }

    private Batch batch(SecondRanges position, List<ColumnBlock> blocks) {
        return new Batch(
                collector,
                position,
                Digest.of(new byte[0]),
                List.of(),
                new BatchContent.Decoded(blocks),
                new Batch.Raw("application/json", 10, () -> Buffer.buffer("{\"v3\":1}")));
    }

    /** One row a second, with the second in {@code n}. */
    private Batch seconds(String database, long... seconds) {
        var blocks = LongStream.of(seconds)
                .mapToObj(second -> Samples.rows(second, 1, second * 1_000_000))
                .toList();
        return batch(new SecondRanges("pg_locks", database, Seconds.of(seconds), null), blocks);
    }

    private List<Long> stored() {
        return database
                .rows("SELECT n FROM metrics.sample JOIN target USING (target_id) WHERE collector_id = '" + collector
                        + "' ORDER BY n")
                .stream()
                .map(row -> ((Number) row.get(0)).longValue() - NOW)
                .toList();
    }

    @Test
    void aSecondIsStoredOnceHoweverOftenItComes() {
        var first = store.sendAndWait(seconds("a", NOW - 9, NOW - 7));
        var again = store.sendAndWait(seconds("a", NOW - 9, NOW - 7));
        var more = store.sendAndWait(seconds("a", NOW - 9, NOW - 8, NOW - 7, NOW - 6));

        assertEquals(List.of(-9L, -8L, -7L, -6L), stored());
        assertEquals(
                List.of(Outcome.STORED, Outcome.DUPLICATE, Outcome.STORED),
                List.of(first.outcome(), again.outcome(), more.outcome()));
        assertEquals(List.of(2, 0, 2), List.of(first.rows(), again.rows(), more.rows()));
        assertEquals(Seconds.of(NOW - 8, NOW - 6), ((SecondRanges) more.position()).seconds());
        assertEquals(
                "{%d,%d}".formatted(NOW - 9, NOW - 6),
                database.rows("SELECT ranges::text FROM v3_seconds WHERE collector_id = '" + collector + "'")
                        .get(0)
                        .get(0));
    }

    @Test
    void anotherDatabaseAndASecondWithoutRowsCountForThemselves() {
        store.sendAndWait(seconds("a", NOW - 5));
        store.sendAndWait(seconds("b", NOW - 5));
        store.sendAndWait(batch(new SecondRanges("pg_locks", "a", Seconds.of(NOW - 4), null), List.of()));
        var late = store.sendAndWait(seconds("a", NOW - 4));

        assertEquals(List.of(-5L, -5L), stored());
        assertEquals(Outcome.DUPLICATE, late.outcome());
    }

    @Test
    void twoServersThatGetTheSameStoreItOnce() {
        try (var other = new Store(
                StorageConfig.defaults(), database.address(), database.address().port())) {
            var sent = new ArrayList<Future<Receipt>>();
            for (int round = 0; round < 10; round++) {
                var batch = seconds(
                        "a", LongStream.rangeClosed(NOW - 20, NOW - 10 + round).toArray());
                sent.add(store.send(batch));
                sent.add(other.send(batch));
            }
            await(Future.all(sent));
        }
        assertEquals(LongStream.rangeClosed(-20, -1).boxed().toList(), stored());
    }

    @Test
    void whatIsRefusedForEverIsSetAsideOnceAndStopsNobody() {
        var bad = batch(
                new SecondRanges("pg_locks", "bad", Seconds.of(NOW - 3), null),
                List.of(
                        Samples.rows(NOW, 1, (NOW - 400L * 86_400) * 1_000_000),
                        Samples.rows(NOW, 1, (NOW - 3) * 1_000_000)));
        var first = store.send(bad);
        var neighbour = store.send(seconds("a", NOW - 3));

        assertEquals(
                Fault.TIME_OUT_OF_RANGE, await(first).refusal().orElseThrow().fault());
        assertEquals(Outcome.STORED, await(neighbour).outcome());
        assertEquals(Outcome.DUPLICATE, store.sendAndWait(bad).outcome());
        assertEquals(
                List.of(List.of("TIME_OUT_OF_RANGE", 0, "{\"v3\":1}")),
                database.rows("SELECT fault, epoch, convert_from(body, 'UTF8') FROM quarantine WHERE collector_id = '"
                        + collector + "'"));
    }

    @Test
    void aCollectorThatIsNotThereIsUnknown() {
        collector = UUID.randomUUID();
        var refused = assertThrows(FaultException.class, () -> store.sendAndWait(seconds("a", NOW)));
        assertEquals(Fault.COLLECTOR_UNKNOWN, refused.fault());
    }

    /** One block a line, all at one second. */
    private Batch log(long second, long... lines) {
        var blocks = LongStream.of(lines)
                .mapToObj(line -> Samples.rows(NOW + line, 1, second * 1_000_000))
                .toList();
        var position = new SecondRanges("pg_log", "postgres", Seconds.of(second), new LogLines(second, lines, lines));
        return batch(position, blocks);
    }

    @Test
    void ofRepeatedLogLinesOnlyThoseThatDoNotOverlapAreStored() {
        store.sendAndWait(log(NOW - 9, 1, 2, 3));
        store.sendAndWait(log(NOW - 8, 2, 3, 3, 4));
        store.sendAndWait(log(NOW - 8, 2, 3, 3, 4));
        store.sendAndWait(log(NOW - 7, 3, 4));
        store.sendAndWait(log(NOW - 6));
        store.sendAndWait(log(NOW - 5, 3, 4, 5));
        store.sendAndWait(log(NOW - 4, 9));

        assertEquals(List.of(1L, 2L, 3L, 3L, 4L, 5L, 9L), stored());
    }

    @Test
    void rangesStayBounded() {
        var far = LongStream.range(0, 1_500).map(n -> NOW - 10_000 + 2 * n).toArray();
        store.sendAndWait(batch(new SecondRanges("sysstat", "", Seconds.of(far), null), List.of()));

        assertEquals(
                List.of(List.of(2 * SecondsRow.RANGES_MAX)),
                database.rows("SELECT cardinality(ranges) FROM v3_seconds WHERE collector_id = '" + collector + "'"));
    }

    @Test
    void whatIsNotHeardOfForMonthsIsForgottenAndMayComeBack() {
        store.sendAndWait(seconds("gone", NOW - 5));
        store.sendAndWait(seconds("here", NOW - 5));
        database.execute(
                "UPDATE v3_seconds SET settled_at = now() - interval '91 days' WHERE database = 'gone' AND collector_id = '"
                        + collector + "'");
        await(store.clearance(Duration.ofHours(1)).clear());
        assertEquals(
                List.of(List.of("here")),
                database.rows("SELECT database FROM v3_seconds WHERE collector_id = '" + collector + "'"));

        assertEquals(
                Outcome.DUPLICATE, store.sendAndWait(seconds("here", NOW - 5)).outcome());
        assertEquals(Outcome.STORED, store.sendAndWait(seconds("gone", NOW - 4)).outcome());
    }
}
