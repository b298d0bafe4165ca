package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.KeptBodies;
import org.pganalytics.storage.QuarantinedBatch.State;

/** What was set aside is stored once its cause is mended: once, whatever happens to the line. */
class QuarantineIT {
    private static final int ROWS = 5_000;
    private static TestDatabase database;
    private static Vertx vertx;
    private static Cable cable;
    private static Store store;
    /** The same database, with lines that nothing happens to. */
    private static Store calm;

    @BeforeAll
    static void open() {
        database = Store.database();
        vertx = Vertx.vertx();
        cable = new Cable(vertx, database.address().port());
        store = new Store(BrokenCopyIT.impatient(), database.address(), await(cable.plugIn()));
        calm = new Store(
                StorageConfig.defaults(), database.address(), database.address().port());
    }

    @AfterAll
    static void close() {
        store.close();
        calm.close();
        await(vertx.close());
        database.close();
    }

    private static long quarantined(UUID collector) {
        var undecodable = new BatchContent.Undecodable(Fault.UNDECODABLE.because("not yet"));
        calm.sendAndWait(Samples.batch(collector, new BatchPosition(1, 1, 1), List.of(), undecodable));
        return database.number("SELECT id FROM quarantine WHERE collector_id = '" + collector + "'");
    }

    private static KeptBodies mended() {
        return raw -> Future.succeededFuture(new BatchContent.Decoded(List.of(Samples.rows(7, ROWS))));
    }

    private static KeptBodies stillRefused(Fault fault) {
        return raw -> Future.succeededFuture(new BatchContent.Undecodable(fault.because("still")));
    }

    private static long stored(UUID collector) {
        return database.number(
                "SELECT count(*) FROM metrics.sample JOIN target USING (target_id) WHERE collector_id = '" + collector
                        + "'");
    }

    private static long audited(long id, String action) {
        return database.number("SELECT count(*) FROM audit_event WHERE action = '%s' AND target = '%d' AND actor = 'me'"
                .formatted(action, id));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "NONE, 1",
        "CUT_BEFORE_COPY, 2",
        "CUT_MID_COPY_DATA, 2",
        "CUT_AT_COPY_COMPLETE, 2",
        "CUT_BEFORE_COMMIT, 2",
        "CUT_AFTER_COMMIT, 2",
        "STALL_AFTER_COMMIT, 2",
        "DISK_FULL, 2",
        "ERROR_SWALLOWED, 2",
        "WRONG_COUNT, 2"
    })
    void aBatchIsReplayedOnceWhateverHappensToTheLine(Accident accident, int tries) {
        var collector = calm.collector(database);
        long id = quarantined(collector);
        var replay = store.replay(BrokenCopyIT.impatient(), mended());
        cable.have(accident);
        int before = cable.accidents.get();
        assertEquals(tries, replayUntilAnswered(replay, id), "tries must not hide a bug");
        assertEquals(accident == Accident.NONE ? 0 : 1, cable.accidents.get() - before, "the accident took place");
        assertEquals(ROWS, stored(collector));

        var again = await(replay.replay(id, "somebody else"));
        assertEquals(State.REPLAYED, again.state());
        assertEquals("me", again.settledBy().orElseThrow());
        assertEquals(ROWS, again.rowsStored().orElseThrow());
        assertEquals(ROWS, stored(collector));
        assertEquals(1, audited(id, "quarantine.replay"));
        assertEquals(
                "[[1, true]]",
                database.rows("SELECT mark, (SELECT body IS NULL FROM quarantine WHERE id = %d) FROM ledger"
                                        .formatted(id)
                                + " WHERE collector_id = '" + collector + "'")
                        .toString(),
                "the ledger has nothing to do with it");
    }

    private static int replayUntilAnswered(QuarantineReplay replay, long id) {
        for (int tries = 1; tries <= 4; tries++) {
            try {
                assertEquals(State.REPLAYED, await(replay.replay(id, "me")).state());
                return tries;
            } catch (FaultException refused) {
                assertEquals(Fault.STORE_DOWN, refused.fault(), refused.detail());
            }
        }
        throw new AssertionError("never answered");
    }

    @Test
    void ofManyWhoReplayAtOnceOneStores() {
        var collector = calm.collector(database);
        long id = quarantined(collector);
        var replay = calm.replay(StorageConfig.defaults(), mended());
        var answers =
                IntStream.range(0, 8).mapToObj(n -> replay.replay(id, "me")).toList();
        answers.forEach(answer -> assertEquals(State.REPLAYED, await(answer).state()));
        assertEquals(ROWS, stored(collector));
        assertEquals(1, audited(id, "quarantine.replay"));
    }

    @Test
    void whatIsRefusedAgainStaysWithItsReason() {
        var collector = calm.collector(database);
        long id = quarantined(collector);
        var late = Samples.rows(1, 2, Samples.nowMicros() - 30 * 86_400_000_000L);
        var tooOld = calm.replay(
                StorageConfig.defaults(), raw -> Future.succeededFuture(new BatchContent.Decoded(List.of(late))));
        assertEquals(Fault.TIME_OUT_OF_RANGE, faultOf(tooOld.replay(id, "me")));
        var poison = calm.replay(
                StorageConfig.defaults(),
                raw -> Future.succeededFuture(
                        new BatchContent.Decoded(List.of(Samples.rows(1, 3), Samples.poison(1)))));
        assertEquals(Fault.BAD_DATA, faultOf(poison.replay(id, "me")));
        var undecodable = calm.replay(StorageConfig.defaults(), stillRefused(Fault.UNDECODABLE));
        assertEquals(Fault.UNDECODABLE, faultOf(undecodable.replay(id, "me")));
        assertEquals(State.WAITING, await(calm.quarantine().find(id)).state());
        assertEquals(0, stored(collector));
        assertEquals(0, audited(id, "quarantine.replay"));
    }

    private static Fault faultOf(Future<?> future) {
        return await(future.<Fault>map(fine -> null).otherwise(Fault::of));
    }

    @Test
    void aReplayStandsOrFallsWithItsAuditRow() {
        var collector = calm.collector(database);
        long id = quarantined(collector);
        var replay = calm.replay(StorageConfig.defaults(), mended());
        database.execute("ALTER TABLE audit_event ADD CONSTRAINT nothing CHECK (false) NOT VALID");
        try {
            assertTrue(faultOf(replay.replay(id, "me")) != null);
            assertEquals(0, stored(collector));
        } finally {
            database.execute("ALTER TABLE audit_event DROP CONSTRAINT nothing");
        }
        assertEquals(1, replayUntilAnswered(replay, id));
        assertEquals(ROWS, stored(collector));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE metrics.sample DROP COLUMN n",
                "DROP TABLE metrics.sample_p%s",
                "DROP TABLE metrics.sample"
            })
    void whatIsKnownOfATableThatHasChangedIsReadAnew(String change) {
        var collector = calm.collector(database);
        long id = quarantined(collector);
        var day = LocalDate.now(ZoneOffset.UTC).format(DateTimeFormatter.BASIC_ISO_DATE);
        database.execute(change.formatted(day));
        assertEquals(
                State.REPLAYED,
                await(calm.replay(StorageConfig.defaults(), mended()).replay(id, "me"))
                        .state());
        assertEquals(ROWS, stored(collector));
    }

    @Test
    void whatIsDiscardedCanBeReplayedNoMore() {
        var collector = calm.collector(database);
        long id = quarantined(collector);
        var quarantine = calm.quarantine();
        assertEquals(State.DISCARDED, await(quarantine.discard(id, "me")).state());
        assertEquals(State.DISCARDED, await(quarantine.discard(id, "me")).state());
        assertEquals(1, audited(id, "quarantine.discard"));
        var replay = calm.replay(StorageConfig.defaults(), mended());
        assertEquals(Fault.CONFLICT, faultOf(replay.replay(id, "me")));
        assertEquals(0, stored(collector));
        assertEquals(Fault.NOT_FOUND, faultOf(replay.replay(Long.MAX_VALUE, "me")));
        assertEquals(Fault.NOT_FOUND, faultOf(quarantine.discard(Long.MAX_VALUE, "me")));
        assertEquals(Fault.NOT_FOUND, faultOf(quarantine.find(Long.MAX_VALUE)));
    }

    @Test
    void aBodyThatWasNotKeptCannotBeReplayed() {
        var collector = calm.collector(database);
        long id = quarantined(collector);
        database.execute("UPDATE quarantine SET body = NULL WHERE id = " + id);
        assertEquals(
                Fault.CONFLICT,
                faultOf(calm.replay(StorageConfig.defaults(), mended()).replay(id, "me")));
    }
}
