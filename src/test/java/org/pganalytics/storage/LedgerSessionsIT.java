package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.Samples.batch;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Receipt.Outcome;

/** Whose turn it is: epochs and leases, on a real PostgreSQL. */
class LedgerSessionsIT {
    private static TestDatabase database;
    private static Store store;
    private static Store another;

    @BeforeAll
    static void open() {
        database = Store.database();
        store = new Store(
                StorageConfig.defaults(), database.address(), database.address().port());
        another = new Store(
                StorageConfig.defaults(), database.address(), database.address().port());
    }

    @AfterAll
    static void close() {
        store.close();
        another.close();
        database.close();
    }

    private static UUID registered() {
        var collector = UUID.randomUUID();
        Store.register(database, collector);
        return collector;
    }

    private static Fault fault(Future<?> future) {
        return assertThrows(FaultException.class, () -> await(future)).fault();
    }

    @Test
    void theSameInstanceComesBackToItsEpochAndMark() {
        var collector = registered();
        var instance = UUID.randomUUID();
        assertEquals(
                1,
                await(store.sessions.open(collector, instance, UUID.randomUUID()))
                        .epoch());
        store.sendAndWait(batch(collector, 1));

        var standing = await(another.sessions.open(collector, instance, UUID.randomUUID()));
        assertEquals(1, standing.epoch());
        assertEquals(1, standing.mark());
        assertEquals(Duration.ofSeconds(30), standing.lease());
    }

    @Test
    void anOlderSessionOfTheSameInstanceIsOver() {
        var collector = registered();
        var instance = UUID.randomUUID();
        var first = UUID.randomUUID();
        var second = UUID.randomUUID();
        await(store.sessions.open(collector, instance, first));
        await(another.sessions.open(collector, instance, second));

        assertEquals(Fault.SESSION_REPLACED, fault(store.sessions.renew(collector, 1, first)));
        await(another.sessions.renew(collector, 1, second));
        await(store.sessions.release(collector, 1, first));
        assertEquals(
                Fault.INSTANCE_LEASED,
                fault(store.sessions.open(collector, UUID.randomUUID(), UUID.randomUUID())),
                "a release by a session that is over changes nothing");
    }

    @Test
    void anotherInstanceWaitsForTheLeaseAndThenShutsTheOldEpoch() {
        var collector = registered();
        var old = UUID.randomUUID();
        var session = UUID.randomUUID();
        await(store.sessions.open(collector, old, session));
        store.sendAndWait(batch(collector, 1));
        var leased = assertThrows(
                FaultException.class,
                () -> await(store.sessions.open(collector, UUID.randomUUID(), UUID.randomUUID())));
        assertEquals(Fault.INSTANCE_LEASED, leased.fault());
        assertTrue(leased.retryAfter().orElseThrow().compareTo(Duration.ofSeconds(30)) <= 0);

        await(store.sessions.release(collector, 1, session));
        var standing = await(another.sessions.open(collector, UUID.randomUUID(), UUID.randomUUID()));
        assertEquals(2, standing.epoch());
        assertEquals(0, standing.mark());
        assertEquals(Fault.EPOCH_OLD, fault(store.send(batch(collector, 2))));
        assertEquals(Fault.EPOCH_OLD, fault(store.sessions.open(collector, old, UUID.randomUUID())));
        assertEquals(Fault.SESSION_REPLACED, fault(store.sessions.renew(collector, 1, session)));
        var next = batch(collector, new BatchPosition(2, 1, 1), List.of(Samples.rows(7, 2)));
        assertEquals(Outcome.STORED, store.sendAndWait(next).outcome());
    }

    @Test
    void ofManyThatOpenAtOnceOneGetsTheEpoch() {
        var collector = registered();
        var openings = IntStream.range(0, 12)
                .mapToObj(i ->
                        (i % 2 == 0 ? store : another).sessions.open(collector, UUID.randomUUID(), UUID.randomUUID()))
                .toList();
        await(Future.join(openings).otherwiseEmpty());

        assertEquals(1, openings.stream().filter(Future::succeeded).count());
        openings.stream().filter(Future::failed).forEach(late -> assertEquals(Fault.INSTANCE_LEASED, fault(late)));
        assertEquals(1, database.number("SELECT count(*) FROM ledger WHERE collector_id = '" + collector + "'"));
    }

    @Test
    void whoIsNotRegisteredCannotOpen() {
        assertEquals(
                Fault.COLLECTOR_UNKNOWN,
                fault(store.sessions.open(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID())));
    }

    /** A group that took its snapshot before the new epoch was committed must not settle in the old one. */
    @Test
    void noBatchOfTheOldEpochIsSettledAfterTheNewOneIsGiven() throws Exception {
        var collector = registered();
        await(store.sessions.open(collector, UUID.randomUUID(), UUID.randomUUID()));
        try (var opener = database.connect();
                var statement = opener.createStatement()) {
            opener.setAutoCommit(false);
            statement.execute("UPDATE ledger SET superseded_at = now() WHERE collector_id = '" + collector + "'");
            var waiting = store.send(batch(collector, 1));
            await(store.vertx.timer(200, TimeUnit.MILLISECONDS));
            assertEquals(false, waiting.isComplete(), "the row is held");
            opener.commit();
            assertEquals(Fault.EPOCH_OLD, fault(waiting));
        }
    }
}
