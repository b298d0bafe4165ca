package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.storage.Store.await;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Position;
import org.pganalytics.model.Receipt.Outcome;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.model.Seconds;

/** Texts that a version 3 collector sends with each push are written once, and come back when the database lost them. */
class CommittedTextsIT {
    private static TestDatabase database;
    private Store house;
    private BatchStore store;
    private final AtomicLong later = new AtomicLong();
    private UUID collector;
    private long second = System.currentTimeMillis() / 1_000 - 1_000;

    @BeforeAll
    static void create() {
        database = Store.database();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    @BeforeEach
    void open() {
        var config = StorageConfig.defaults();
        house = new Store(config, database.address(), database.address().port());
        store = house.beside(config, house.tables, () -> System.nanoTime() + later.get());
        await(store.start());
        collector = house.collector(database);
    }

    @AfterEach
    void close() {
        await(store.stop());
        house.close();
    }

    /** What a push says of one second. */
    private Batch push(String... queries) {
        second++;
        var position = new SecondRanges("pg_query_stats", "db", Seconds.of(second), null);
        return batch(position, texts(queries));
    }

    private Batch batch(Position position, ColumnBlock block) {
        return new Batch(
                collector,
                position,
                Digest.of(new byte[] {(byte) second}),
                List.of(),
                new BatchContent.Decoded(List.of(block)),
                new Batch.Raw("application/json", 10, () -> Buffer.buffer("{}")));
    }

    private ColumnBlock texts(String... queries) {
        var ids = new long[queries.length];
        for (int at = 0; at < ids.length; at++) {
            ids[at] = at + 1;
        }
        var block = Samples.texts("db-1", ids, queries);
        return new ColumnBlock(block.schema(), block.target(), second * 1_000_000, block.rows(), block.vectors());
    }

    private Outcome send(Batch batch) {
        return await(store.accept(batch)).outcome();
    }

    private List<String> kept() {
        return database
                .rows("SELECT query FROM metrics.texts JOIN target USING (target_id) WHERE collector_id = '" + collector
                        + "' ORDER BY query")
                .stream()
                .map(row -> (String) row.get(0))
                .toList();
    }

    private void lose() {
        database.execute("DELETE FROM metrics.texts");
    }

    @Test
    void textsThatAreThereAreNotWrittenAgain() {
        long generation;
        do {
            // A connection that the pool opens meanwhile makes the server forget.
            generation = house.tables.generation();
            assertEquals(Outcome.STORED, send(push("one", "two")));
            lose();
            var again = await(store.accept(push("one", "two")));
            assertEquals(Outcome.STORED, again.outcome());
            assertEquals(2, again.rows(), "the sender is told the same as ever");
        } while (generation != house.tables.generation());

        assertEquals(List.of(), kept(), "nothing was written");
    }

    @Test
    void aNewTextIsWrittenAmongThoseThatAreThere() {
        send(push("one"));
        send(push("one", "two"));
        send(push("one", "two"));

        assertEquals(List.of("one", "two"), kept());
    }

    @Test
    void textsOfARestoredDatabaseAreWrittenAgain() {
        send(push("one", "two"));
        lose();
        database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
        retried(push("one", "two"));

        assertEquals(List.of("one", "two"), kept());
    }

    /** A connection that was cut may be found out by the batch itself, which its sender sends again. */
    private void retried(Batch batch) {
        for (int tries = 0; tries < 20; tries++) {
            var sent = store.accept(batch).otherwiseEmpty();
            if (await(sent) != null) {
                return;
            }
            await(house.vertx.timer(200));
        }
    }

    @Test
    void textsComeBackBeforeLong() {
        send(push("one", "two"));
        lose();
        for (int minute = 1; minute <= 10; minute++) {
            later.addAndGet(Duration.ofMinutes(1).toNanos());
            send(push("one", "two"));
        }

        assertEquals(List.of("one", "two"), kept(), "however often they were sent meanwhile");
    }

    @Test
    void whatWasNotCommittedIsNotTakenForThere() {
        database.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                + " $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'check_violation'; END $$");
        database.execute("CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON metrics.texts"
                + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()");
        assertEquals(Outcome.QUARANTINED, send(push("one", "two")));
        database.execute("DROP FUNCTION refuse CASCADE");

        assertEquals(Outcome.STORED, send(push("one", "two")));

        assertEquals(List.of("one", "two"), kept());
    }

    @Test
    void whatACollectorOfOursSendsIsAlwaysWritten() {
        send(batch(new BatchPosition(1, 1, 1), texts("one")));
        lose();
        second++;
        send(batch(new BatchPosition(1, 2, 2), texts("one")));

        assertEquals(List.of("one"), kept());
    }
}
