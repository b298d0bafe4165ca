package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.pganalytics.storage.Samples.batch;
import static org.pganalytics.storage.Store.DIRECT_ROWS;
import static org.pganalytics.storage.Store.await;

import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Receipt.Outcome;

/**
 * How rows come into a hypertable, row by row or as columns; a table of its own for each test.
 *
 * <p>{@code ExactlyOnceIT} and the broken databases' tests run on TimescaleDB as well, by the Maven profile.
 */
@EnabledIfEnvironmentVariable(named = "PGANALYTICS_TIMESCALE_URL", matches = "postgres.+")
class TimescaleStoreIT {
    private static TestDatabase database;
    private static Store store;

    @BeforeAll
    static void open() {
        database = Store.migrated(TestDatabase.createAt(System.getenv("PGANALYTICS_TIMESCALE_URL")));
        store = new Store(
                StorageConfig.defaults(), database.address(), database.address().port());
    }

    @AfterAll
    static void close() {
        store.close();
        database.close();
    }

    @BeforeEach
    void empty() {
        database.execute("TRUNCATE metrics.sample");
    }

    private static void sends(UUID collector, long sequence, int rows) {
        var position = new BatchPosition(1, sequence, sequence);
        assertEquals(
                Outcome.STORED,
                store.sendAndWait(batch(collector, position, List.of(Samples.rows(sequence, rows))))
                        .outcome());
    }

    /** @return rows that are not written as columns */
    private static long rowByRow() {
        long rows = 0;
        for (var chunk : database.rows("SELECT show_chunks('metrics.sample')::text")) {
            rows += database.number("SELECT count(*) FROM ONLY " + chunk.get(0));
        }
        return rows;
    }

    private static void needsCommunity() {
        assumeTrue(
                store.tables.lookup("sample").orElseThrow().directRows() > 0,
                "this TimescaleDB has no columnstore that COPY writes to: its licence or version");
    }

    private static long inAll() {
        return database.number("SELECT count(*) FROM metrics.sample");
    }

    @Test
    void manyRowsOfATargetAreWrittenAsColumnsAtOnceAndFewAreNot() {
        needsCommunity();
        var collector = store.collector(database);

        sends(collector, 1, DIRECT_ROWS - 1);
        assertEquals(DIRECT_ROWS - 1, rowByRow());
        sends(collector, 2, DIRECT_ROWS);
        assertEquals(DIRECT_ROWS - 1, rowByRow());
        sends(collector, 3, 1);
        assertEquals(DIRECT_ROWS, rowByRow());
        assertEquals(2 * DIRECT_ROWS, inAll());
    }

    @Test
    void whatCountsIsTheRowsOfATarget() {
        needsCommunity();
        var collector = store.collector(database);
        var one = Samples.rows(1, DIRECT_ROWS - 1);
        var other = new ColumnBlock(one.schema(), "db-9", one.collectedAtMicros(), one.rows(), one.vectors());

        store.sendAndWait(batch(collector, new BatchPosition(1, 1, 1), List.of(one, other)));

        assertEquals(2 * (DIRECT_ROWS - 1), rowByRow());
    }

    @Test
    void everyValueIsTheSameOnBothWays() {
        needsCommunity();
        var collector = store.collector(database);
        sends(collector, 1, DIRECT_ROWS - 1);
        sends(collector, 2, DIRECT_ROWS);

        var values = "SELECT small, ratio, flag, \"user\", since IS NULL FROM metrics.sample WHERE n = %d"
                + " AND (small IS NULL OR small > -40) ORDER BY small";
        assertEquals(database.rows(values.formatted(1)), database.rows(values.formatted(2)));
    }

    @Test
    void lanesThatWriteTheSameChunkLoseAndDoubleNothing() {
        var collectors =
                LongStream.range(0, 12).mapToObj(i -> store.collector(database)).toList();
        var sent = LongStream.rangeClosed(1, 20)
                .boxed()
                .flatMap(n -> collectors.stream()
                        .flatMap(one -> LongStream.rangeClosed(1, 2)
                                .mapToObj(twice -> store.send(batch(
                                        one,
                                        new BatchPosition(1, n, n),
                                        List.of(Samples.rows(n, n % 2 == 0 ? DIRECT_ROWS : 3)))))))
                .toList();
        sent.forEach(answer -> await(answer));

        assertEquals(12 * 10 * (DIRECT_ROWS + 3), inAll());
    }
}
