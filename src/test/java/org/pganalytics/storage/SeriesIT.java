package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pganalytics.bus.Event;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.Receipt.Outcome;
import org.pganalytics.storage.series.SeriesConfig;
import org.pganalytics.storage.series.Statements;
import org.pganalytics.storage.series.Statements.Row;

/** Rows of too many series through a whole store: none is lost, and their counters are read as what they grew by. */
class SeriesIT {
    private static final int OWN = 50;
    private static final int STATEMENTS = 200;
    private static final String TABLE = "metrics." + Statements.SCHEMA.family();
    private static final long BEGUN = Samples.nowMicros();

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
        store = store(await(cable.plugIn()));
        another = store(database.address().port());
    }

    @AfterAll
    static void close() {
        store.close();
        another.close();
        await(vertx.close());
        database.close();
    }

    private static Store store(int port) {
        var address = database.address();
        var through = new DatabaseAddress(
                address.host(), port, address.database(), address.user(), address.password(), address.ssl(), null);
        var families = List.of(Statements.family(OptionalInt.of(OWN)), Samples.TEXTS.with(OptionalInt.of(2)));
        return new Store(
                BrokenCopyIT.impatient(),
                through,
                Clock.systemUTC(),
                new Store.Shape(null, Store.directly(50), families, SeriesConfig.defaults()));
    }

    /** Statements whose counters grow and are sometimes reset, of which those are sent that moved. */
    private static final class Workload {
        private final UUID collector = store.collector(database);
        private final Random random = new Random(collector.getLeastSignificantBits());
        private final long[] calls = new long[STATEMENTS];
        private final Set<Integer> own = new HashSet<>();
        private final Map<Integer, Long> last = new HashMap<>();
        private long sequence;
        private long sent;
        private long folded;
        private long grown;

        Batch next() {
            sequence++;
            var rows = new ArrayList<Row>();
            for (int id = 0; id < STATEMENTS; id++) {
                if (random.nextInt(4) == 0) {
                    calls[id] = random.nextInt(50) == 0 ? random.nextInt(5) : calls[id] + random.nextInt(1_000);
                    rows.add(Row.of(id, calls[id]));
                    note(id);
                }
            }
            sent += rows.size();
            return batch(Statements.block("db", BEGUN + sequence * 1_000, rows.toArray(Row[]::new)));
        }

        private Batch batch(ColumnBlock block) {
            return Samples.batch(collector, new BatchPosition(1, sequence, sequence), List.of(block));
        }

        private void note(int id) {
            if (own.contains(id) || own.size() < OWN && own.add(id)) {
                return;
            }
            folded++;
            var before = last.put(id, calls[id]);
            if (before != null) {
                grown += calls[id] >= before ? calls[id] - before : calls[id];
            }
        }

        /** The server knows nothing any more. */
        void forget() {
            own.clear();
            last.clear();
        }

        /** The numbers below are those of this collector's table. */
        void isStored() {
            assertEquals(
                    sent - folded, number("SELECT count(*) FROM %s WHERE queryid IS NOT NULL"), "rows of their own");
            assertEquals(
                    0,
                    number("SELECT count(*) FROM %s WHERE (queryid IS NULL) <> (database = '(other)')"),
                    "other keys");
            assertEquals(grown, grownAsRead(), "what the counters of the others grew by");
        }

        /** As BucketQuery reads a counter. */
        long grownAsRead() {
            return number("""
                    SELECT coalesce(sum(CASE WHEN calls >= before THEN calls - before
                                             WHEN before IS NOT NULL THEN calls END), 0)
                    FROM (SELECT calls, lag(calls) OVER (ORDER BY time) AS before FROM %s WHERE queryid IS NULL) others
                    """);
        }

        private long number(String sql) {
            var rows = "(SELECT * FROM %s JOIN target USING (target_id) WHERE collector_id = '%s') stored"
                    .formatted(TABLE, collector);
            return database.number(sql.formatted(rows));
        }

        long toldAsFolded() {
            return store.events.stream()
                    .filter(Event.RowsFolded.class::isInstance)
                    .map(Event.RowsFolded.class::cast)
                    .filter(event -> event.collector().equals(collector))
                    .mapToLong(Event.RowsFolded::rows)
                    .sum();
        }
    }

    @Test
    void noRowIsLostAndTheCountersOfTheOthersAreTrue() {
        var work = new Workload();
        for (int i = 0; i < 60; i++) {
            var batch = work.next();
            var receipt = store.sendAndWait(batch);
            assertEquals(Outcome.STORED, receipt.outcome());
            assertEquals(batch.rows(), receipt.rows(), "as it was sent");
        }
        assertTrue(work.folded > 1_000 && work.grown > 100_000, "something was folded");
        work.isStored();
        Awaitility.await().untilAsserted(() -> assertEquals(work.folded, work.toldAsFolded()));
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "CUT_BEFORE_COPY",
                "CUT_MID_COPY_DATA",
                "CUT_BEFORE_COMMIT",
                "DISK_FULL",
                "WRONG_COUNT",
                "NOT_BINARY"
            })
    void batchesWhoseTransactionFailedCountOnce(Accident accident) {
        var work = new Workload();
        for (int i = 0; i < 6; i++) {
            cable.have(i % 2 == 1 ? accident : Accident.NONE);
            sendTogether(List.of(work.next(), work.next(), work.next()));
        }
        cable.have(Accident.NONE);
        work.isStored();
    }

    /** Whether it was committed this server cannot know; so it begins a total anew, and counts rather too little. */
    @Test
    void aCommitWhoseEndIsNotKnownCountsNothingTwice() {
        var work = new Workload();
        for (int i = 0; i < 6; i++) {
            cable.have(i % 2 == 1 ? Accident.CUT_AFTER_COMMIT : Accident.NONE);
            sendTogether(List.of(work.next(), work.next(), work.next()));
        }
        cable.have(Accident.NONE);
        assertTrue(work.grownAsRead() <= work.grown, () -> work.grownAsRead() + " of " + work.grown);
        assertTrue(work.grownAsRead() > work.grown / 3, () -> work.grownAsRead() + " of " + work.grown);
    }

    /** All are under way at once; those that were refused come again in their order, one after the other. */
    private static void sendTogether(List<Batch> batches) {
        List<Future<Receipt>> sent = batches.stream().map(store::send).toList();
        await(Future.join(sent).otherwiseEmpty());
        long settled = sent.stream().takeWhile(Future::succeeded).count();
        batches.stream()
                .skip(settled)
                .forEach(batch -> Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .ignoreExceptions()
                        .until(() -> store.sendAndWait(batch) != null));
    }

    @Test
    void afterARestartTheCountersGoOnFromNothing() {
        var work = new Workload();
        for (int i = 0; i < 20; i++) {
            store.sendAndWait(work.next());
        }
        work.forget();
        try (var restarted = store(database.address().port())) {
            for (int i = 0; i < 20; i++) {
                restarted.sendAndWait(work.next());
            }
        }
        work.isStored();
    }

    @Test
    void twoServersInTurnNeverCountWhatNeverGrew() {
        var work = new Workload();
        for (int i = 0; i < 30; i++) {
            (i % 10 < 8 ? store : another).sendAndWait(work.next());
        }
        assertTrue(work.grownAsRead() <= work.grown, () -> work.grownAsRead() + " of " + work.grown);
        assertTrue(work.grownAsRead() > work.grown / 3, () -> work.grownAsRead() + " of " + work.grown);
    }

    @Test
    void textsBeyondTheLimitAreLeftOutAndCounted() {
        var collector = store.collector(database);
        var first = Samples.texts("db", new long[] {1, 2, 3}, "a", "b", "c");
        var second = Samples.texts("db", new long[] {4, 5}, "d", "e");
        for (int sequence = 1; sequence <= 2; sequence++) {
            var batch = Samples.batch(
                    collector, new BatchPosition(1, sequence, sequence), List.of(sequence == 1 ? first : second));
            assertEquals(Outcome.STORED, store.sendAndWait(batch).outcome());
        }
        assertEquals(
                "[[1, a], [2, b]]",
                database.rows("SELECT queryid, query FROM metrics.texts JOIN target USING (target_id)"
                                + " WHERE collector_id = '%s' ORDER BY 1".formatted(collector))
                        .toString());
        Awaitility.await()
                .untilAsserted(() -> assertEquals(
                        List.of(1, 2),
                        store.events.stream()
                                .filter(Event.RowsFolded.class::isInstance)
                                .map(Event.RowsFolded.class::cast)
                                .filter(event -> event.collector().equals(collector))
                                .map(Event.RowsFolded::rows)
                                .toList()));
    }

    @Test
    void aDuplicateIsNotFoldedTwice() {
        var work = new Workload();
        store.sendAndWait(work.next());
        var batch = work.next();
        for (int time = 0; time < 3; time++) {
            store.sendAndWait(batch);
        }
        store.sendAndWait(work.next());
        work.isStored();
    }
}
