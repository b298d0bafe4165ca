package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.Samples.batch;
import static org.pganalytics.storage.Store.await;

import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.Receipt.Outcome;

/** What the ledger promises, on a real PostgreSQL. */
class ExactlyOnceIT {
    private static TestDatabase database;
    private static Store store;
    private static Store another;

    @BeforeAll
    static void open() {
        database = Store.database();
        var config = StorageConfig.defaults();
        store = new Store(config, database.address(), database.address().port());
        another = new Store(config, database.address(), database.address().port());
    }

    @AfterAll
    static void close() {
        store.close();
        another.close();
        database.close();
    }

    private static long stored(UUID collector) {
        return database.number(
                "SELECT count(*) FROM metrics.sample JOIN target USING (target_id) WHERE collector_id = '" + collector
                        + "'");
    }

    @Test
    void everyValueArrivesAsItWasSent() {
        var collector = store.collector(database);
        var receipt = store.sendAndWait(batch(collector, 1));

        assertEquals(
                new Receipt(new BatchPosition(1, 1, 1), Outcome.STORED, 1, 4, java.util.Optional.empty()), receipt);
        assertEquals(
                "[[1, null, null, null, null, null], [1, -1, 1.0, true, , 1970-01-01 00:00:00.000001+00],"
                        + " [1, -2, 0.5, true, Zoë\t\\N, 1970-01-01 00:00:00.000001+00]]",
                database.rows("SELECT n, small, ratio, flag, \"user\", (since AT TIME ZONE 'UTC')::text || '+00'"
                                + " FROM metrics.sample JOIN target USING (target_id) WHERE collector_id = '"
                                + collector
                                + "' ORDER BY small DESC NULLS FIRST")
                        .toString());
    }

    @Test
    void aBatchThatComesAgainIsAcknowledgedAndNotStored() {
        var collector = store.collector(database);
        store.sendAndWait(batch(collector, 1));
        var before = database.rows("SELECT settled_at FROM ledger WHERE collector_id = '" + collector + "'");

        assertEquals(Outcome.DUPLICATE, store.sendAndWait(batch(collector, 1)).outcome());
        assertEquals(3, stored(collector));
        assertTrue(
                !before.equals(database.rows("SELECT settled_at FROM ledger WHERE collector_id = '" + collector + "'")),
                "the answer to a duplicate stands on a committed write too");
    }

    @Test
    void aCopyInTheSameGroupIsADuplicateAndAnOvertakingBatchAGap() {
        var collector = store.collector(database);
        var third = store.send(batch(collector, 3));
        var first = store.send(batch(collector, 1));
        var again = store.send(batch(collector, 1));
        var second = store.send(batch(collector, 2));

        assertEquals(Outcome.STORED, await(first).outcome());
        assertEquals(Outcome.DUPLICATE, await(again).outcome());
        assertEquals(Outcome.STORED, await(second).outcome());
        var gap = assertThrows(FaultException.class, () -> await(third));
        assertEquals(Fault.POSITION_GAP, gap.fault());
        assertEquals(1, gap.expected().orElseThrow());
        assertEquals(6, stored(collector));
    }

    @Test
    void anotherContentUnderASettledNumberIsAConflictAndConsumesNothing() {
        var collector = store.collector(database);
        store.sendAndWait(batch(collector, 1));
        var other = batch(collector, new BatchPosition(1, 1, 1), List.of(Samples.rows(9, 7)));

        var conflict = assertThrows(FaultException.class, () -> store.sendAndWait(other));
        assertEquals(Fault.POSITION_CONFLICT, conflict.fault());
        assertEquals(2, store.sendAndWait(batch(collector, 2)).mark());
        assertEquals(6, stored(collector));
    }

    @Test
    void aDeclaredLossMovesTheMarkAndIsKept() {
        var collector = store.collector(database);
        store.sendAndWait(batch(collector, 1));
        var loss = new Loss("sample", Loss.Reason.SPOOL_FULL, 42, 1_000_000, 2_000_000);
        var tombstone =
                batch(collector, new BatchPosition(1, 5, 2), List.of(loss), new BatchContent.Decoded(List.of()));

        assertEquals(5, store.sendAndWait(tombstone).mark());
        assertEquals(Outcome.DUPLICATE, store.sendAndWait(tombstone).outcome());
        assertEquals(
                Outcome.DUPLICATE_UNVERIFIED,
                store.sendAndWait(batch(collector, 3)).outcome());
        assertEquals(
                "[[5, sample, SPOOL_FULL, 2, 4, 42]]",
                database.rows("SELECT sequence, family, reason, first_dropped, batches, rows FROM loss"
                                + " WHERE collector_id = '" + collector + "'")
                        .toString());
        assertEquals(6, store.sendAndWait(batch(collector, 6)).mark());
    }

    @Test
    void aLossOfRowsThatNeverGotANumberCountsNoBatch() {
        var collector = store.collector(database);
        var full = new Loss("sample", Loss.Reason.TOO_LARGE, 7, 1_000_000, 2_000_000);
        var broken = new Loss("sample", Loss.Reason.SPOOL_BROKEN, 3, 1_000_000, 2_000_000);
        var nothing = new BatchContent.Decoded(List.of());

        store.sendAndWait(batch(collector, new BatchPosition(1, 1, 1), List.of(full), nothing));
        store.sendAndWait(batch(collector, new BatchPosition(1, 2, 2), List.of(broken), nothing));

        assertEquals(
                "[[1, TOO_LARGE, 1, 1], [2, SPOOL_BROKEN, null, 0]]",
                database.rows("SELECT sequence, reason, first_dropped, batches FROM loss WHERE collector_id = '"
                                + collector + "' ORDER BY sequence")
                        .toString());
    }

    @Test
    void twoServersThatTakeTurnsStoreEachBatchOnce() {
        var collector = store.collector(database);
        var all = LongStream.rangeClosed(1, 40).boxed().toList();
        long mark = 0;
        // Each number goes to both servers at once: one stores it, the other sees a duplicate.
        for (long n : all) {
            var one = store.send(batch(collector, n));
            var two = another.send(batch(collector, n));
            var outcomes = List.of(await(one).outcome(), await(two).outcome());
            assertTrue(outcomes.contains(Outcome.STORED) && outcomes.contains(Outcome.DUPLICATE), outcomes.toString());
            mark = Math.max(mark, n);
        }
        assertEquals(3 * mark, stored(collector));
    }

    @Test
    void onePoisonedBatchAmongFiftyIsSetAsideAlone() {
        var collectors =
                LongStream.range(0, 50).mapToObj(i -> store.collector(database)).toList();
        var bad = store.collector(database);
        var poison = store.send(batch(bad, new BatchPosition(1, 1, 1), List.of(Samples.poison(1))));
        var answers = collectors.stream().map(one -> store.send(batch(one, 1))).toList();

        answers.forEach(answer -> assertEquals(Outcome.STORED, await(answer).outcome()));
        var receipt = await(poison);
        assertEquals(Outcome.QUARANTINED, receipt.outcome());
        assertEquals(Fault.BAD_DATA, receipt.refusal().orElseThrow().fault());
        assertEquals(1, receipt.mark());
        collectors.forEach(one -> assertEquals(3, stored(one)));
        assertEquals(
                "[[BAD_DATA, true]]",
                database.rows("SELECT fault, body IS NOT NULL FROM quarantine WHERE collector_id = '" + bad + "'")
                        .toString());
        assertEquals(2, store.sendAndWait(batch(bad, 2)).mark());
    }

    @Test
    void whoNeverOpenedIsTurnedAway() {
        var stranger = UUID.randomUUID();
        assertEquals(
                Fault.COLLECTOR_UNKNOWN,
                assertThrows(FaultException.class, () -> store.sendAndWait(batch(stranger, 1)))
                        .fault());
        Store.register(database, stranger);
        assertEquals(
                Fault.SESSION_REPLACED,
                assertThrows(FaultException.class, () -> store.sendAndWait(batch(stranger, 1)))
                        .fault());
    }

    @Test
    void aWholeQueueIsAnsweredBeforeTheStoreIsClosed() {
        try (var closing = new Store(
                StorageConfig.defaults(), database.address(), database.address().port())) {
            var collector = closing.collector(database);
            var answers = LongStream.rangeClosed(1, 100)
                    .mapToObj(n -> closing.send(batch(collector, n)))
                    .toList();
            await(closing.store.stop());
            answers.forEach(
                    answer -> assertEquals(Outcome.STORED, await(answer, 1).outcome()));
            assertEquals(
                    Fault.DRAINING,
                    assertThrows(FaultException.class, () -> closing.sendAndWait(batch(collector, 101)))
                            .fault());
        }
    }
}
