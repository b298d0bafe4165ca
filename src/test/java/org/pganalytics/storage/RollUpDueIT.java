package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.storage.Samples.batch;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Receipt.Outcome;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.model.Seconds;

/** Whatever writes rows notes in the same transaction which minutes have new ones; whatever writes none notes none. */
class RollUpDueIT {
    private static final String NOTED = """
            SELECT families[one] || ' ' || target.name || ' ' || minute FROM roll_up_due
                CROSS JOIN LATERAL unnest(family_of, targets, minutes) AS noted (one, target_id, minute)
                JOIN target USING (target_id)
            ORDER BY 1
            """;
    private static final long NOW = System.currentTimeMillis() / 60_000 * 60;

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
        database.execute("TRUNCATE roll_up_due");
        collector = store.collector(database);
    }

    private static List<String> noted() {
        return database.rows(NOTED).stream().map(row -> row.get(0).toString()).toList();
    }

    private static String note(long second) {
        return "sample db-1 " + Math.floorDiv(second, 60L);
    }

    private Outcome send(long sequence, long... seconds) {
        var blocks = java.util.stream.LongStream.of(seconds)
                .mapToObj(second -> Samples.rows(sequence, 2, second * 1_000_000))
                .toList();
        return store.sendAndWait(batch(collector, new BatchPosition(1, sequence, sequence), blocks))
                .outcome();
    }

    @Test
    void aBatchNotesEachMinuteOnceAndItsRepetitionNone() {
        assertEquals(Outcome.STORED, send(1, NOW - 120, NOW - 110, NOW, NOW + 59));
        assertEquals(List.of(note(NOW - 120), note(NOW)), noted());
        assertEquals(1, database.number("SELECT count(*) FROM roll_up_due"), "one row a transaction");

        assertEquals(Outcome.DUPLICATE, send(1, NOW - 120, NOW - 110, NOW, NOW + 59));
        assertEquals(2, noted().size());
    }

    @Test
    void familiesWithoutRollUpsAreNotNoted() {
        var position = new BatchPosition(1, 1, 1);
        store.sendAndWait(batch(
                collector,
                position,
                List.of(
                        Samples.others(1),
                        Samples.texts("db-1", new long[] {1}, "SELECT"),
                        Samples.rows(1, 1, NOW * 1_000_000))));
        assertEquals(List.of(note(NOW)), noted());
    }

    @Test
    void whatIsRefusedIsNotedWhenItIsReplayed() {
        var position = new BatchPosition(1, 1, 1);
        assertEquals(
                Outcome.QUARANTINED,
                store.sendAndWait(batch(collector, position, List.of(Samples.poison(1))))
                        .outcome());
        assertEquals(List.of(), noted());

        var mended = new BatchContent.Decoded(List.of(Samples.rows(1, 3, (NOW - 600) * 1_000_000)));
        var replay = store.replay(StorageConfig.defaults(), raw -> Future.succeededFuture(mended));
        await(replay.replay(database.number("SELECT max(id) FROM quarantine"), "test"));
        assertEquals(List.of(note(NOW - 600)), noted());
    }

    @Test
    void soIsWhatCollectorsOfVersion3Push() {
        var seconds = Seconds.of(NOW - 60, NOW);
        var blocks = List.of(Samples.rows(1, 1, (NOW - 60) * 1_000_000), Samples.rows(2, 1, NOW * 1_000_000));
        var pushed = new Batch(
                collector,
                new SecondRanges("pg_locks", "a", seconds, null),
                Digest.of(new byte[0]),
                List.of(),
                new BatchContent.Decoded(blocks),
                new Batch.Raw("application/json", io.vertx.core.buffer.Buffer.buffer()));
        assertEquals(Outcome.STORED, store.sendAndWait(pushed).outcome());
        assertEquals(List.of(note(NOW - 60), note(NOW)), noted());
    }
}
