package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Receipt.Outcome;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.model.SecondRanges.LogLines;
import org.pganalytics.model.Seconds;

/** Of what was set aside of a collector without numbers, a replay stores what is not stored otherwise. */
class SecondsReplayIT {
    private static final long NOW = System.currentTimeMillis() / 1_000;

    private static TestDatabase database;
    private static Store store;
    /** Threads on which bodies were made. */
    private final Set<String> madeOn = ConcurrentHashMap.newKeySet();

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

    private static List<ColumnBlock> blocks(long... seconds) {
        return LongStream.of(seconds)
                .mapToObj(second -> Samples.rows(NOW + second, 1, (NOW + second) * 1_000_000))
                .toList();
    }

    private Batch batch(LogLines log, BatchContent content, long... seconds) {
        var since1970 =
                Seconds.of(LongStream.of(seconds).map(second -> NOW + second).toArray());
        return new Batch(
                collector,
                new SecondRanges(log == null ? "pg_locks" : "pg_log", "a", since1970, log),
                Digest.of(new byte[0]),
                List.of(),
                content,
                new Batch.Raw("application/json", 10, this::made));
    }

    private Buffer made() {
        madeOn.add(Thread.currentThread().getName().replaceAll("-\\d+$", ""));
        return Buffer.buffer("{\"v3\":1}");
    }

    private Outcome sent(long... seconds) {
        return store.sendAndWait(batch(null, new BatchContent.Decoded(blocks(seconds)), seconds))
                .outcome();
    }

    private static BatchContent notYet() {
        return new BatchContent.Undecodable(Fault.UNKNOWN_FAMILY.because("not yet"));
    }

    private long quarantined(long... seconds) {
        assertEquals(
                Outcome.QUARANTINED,
                store.sendAndWait(batch(null, notYet(), seconds)).outcome());
        return latest();
    }

    private long latest() {
        return database.number("SELECT max(id) FROM quarantine WHERE collector_id = '" + collector + "'");
    }

    /** @param body all that the batch held @return how many rows it says */
    private static int replayed(long id, List<ColumnBlock> body) {
        var replay =
                store.replay(StorageConfig.defaults(), raw -> Future.succeededFuture(new BatchContent.Decoded(body)));
        return await(replay.replay(id, "me")).rowsStored().orElseThrow();
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
    void secondsThatWereStoredBeforeAreNotStoredByTheReplay() {
        sent(-9, -8);
        long id = quarantined(-9, -7);
        assertEquals(Outcome.STORED, sent(-9, -8, -7, -6), "what it adds is stored");
        assertEquals(List.of(-9L, -8L, -6L), stored());

        assertEquals(1, replayed(id, blocks(-9, -7)));
        assertEquals(List.of(-9L, -8L, -7L, -6L), stored());
        assertEquals(1, replayed(id, blocks(-9, -7)), "again is the same");
        assertEquals(Outcome.DUPLICATE, sent(-9, -8, -7, -6));
        assertEquals(List.of(-9L, -8L, -7L, -6L), stored());
    }

    @Test
    void ofASecondThatWasSetAsideTwiceOneReplayStoresIt() {
        long first = quarantined(-5, -4);
        long second = quarantined(-5, -4, -3);
        assertEquals(1, replayed(second, blocks(-5, -4, -3)));
        assertEquals(2, replayed(first, blocks(-5, -4)));
        assertEquals(List.of(-5L, -4L, -3L), stored());
        assertEquals(Set.of("quarantine-bodies"), madeOn, "not on an event loop");
    }

    private static List<ColumnBlock> lines(long second, long... lines) {
        return LongStream.of(lines)
                .mapToObj(line -> Samples.rows(NOW + line, 1, (NOW + second) * 1_000_000))
                .toList();
    }

    private static LogLines log(long second, long... lines) {
        return new LogLines(NOW + second, lines, lines);
    }

    @Test
    void logLinesThatWereStoredBeforeAreNotStoredByTheReplay() {
        store.sendAndWait(batch(log(-9, 1, 2, 3), new BatchContent.Decoded(lines(-9, 1, 2, 3)), -9));
        store.sendAndWait(batch(log(-8, 2, 3, 3, 4), notYet(), -8));
        long id = latest();
        store.sendAndWait(batch(log(-7, 3, 4, 5), new BatchContent.Decoded(lines(-7, 3, 4, 5)), -7));
        assertEquals(2, replayed(id, lines(-8, 2, 3, 3, 4)));
        assertEquals(List.of(1L, 2L, 3L, 3L, 4L, 5L), stored());
    }

    @Test
    void whatAServerOfTheVersionBeforeSetAsideIsStoredWhole() {
        long id = quarantined(-5, -4);
        database.execute("UPDATE quarantine SET own_seconds = NULL WHERE id = " + id);
        assertEquals(2, replayed(id, blocks(-5, -4)));
    }
}
