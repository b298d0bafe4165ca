package org.pganalytics.storage;

import static org.pganalytics.storage.Store.await;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.database.Tier;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;

/**
 * How many rows a second the store commits, and what they cost the database: {@code perf/store} runs it.
 *
 * <p>Every batch has the rows of one target at one moment, as collectors send them: 3 key columns and 17 counters.
 */
final class StoreBench {
    private static final int COLLECTORS = 40;
    private static final int KEYS = 3;
    private static final int COUNTERS = 17;
    private static final FamilySchema SCHEMA = FamilySchema.of(
            "bench",
            IntStream.range(0, KEYS + COUNTERS)
                    .mapToObj(i -> new Column("c" + i, ColumnType.INT8, i < KEYS ? ColumnRole.KEY : ColumnRole.COUNTER))
                    .toList());

    /** Ways to keep the same rows. */
    private enum Way {
        PLAIN(Tier.Kind.PLAIN, 0),
        HYPERTABLE(Tier.Kind.TIMESCALE, 0),
        COLUMNSTORE(Tier.Kind.TIMESCALE_COMMUNITY, 0),
        DIRECT(Tier.Kind.TIMESCALE_COMMUNITY, 1);

        private final Tier.Kind kind;
        private final int directRows;

        Way(Tier.Kind kind, int directRows) {
            this.kind = kind;
            this.directRows = directRows;
        }
    }

    private final TestDatabase database;
    private final Store store;
    private final int rowsEach;
    private final AtomicLong stored = new AtomicLong();
    private final AtomicLong refusals = new AtomicLong();
    private final AtomicBoolean stopping = new AtomicBoolean();

    private StoreBench(TestDatabase database, Way way, int rowsEach) {
        this.database = database;
        this.rowsEach = rowsEach;
        var family = Samples.family(SCHEMA, MetricFamily.Kind.SAMPLES);
        store = new Store(
                StorageConfig.defaults(),
                database.address(),
                Clock.systemUTC(),
                new Store.Shape(new Tier(way.kind, 17, "", ""), Store.directly(way.directRows), List.of(family)));
    }

    /** Arguments: a superuser's URI of a database on this machine, rows a batch, seconds a run, ways. */
    public static void main(String[] arguments) throws IOException {
        var seconds = Duration.ofSeconds(Long.parseLong(arguments[2]));
        for (int i = 3; i < arguments.length; i++) {
            var way = Way.valueOf(arguments[i]);
            try (var database = Store.migrated(TestDatabase.createAt(arguments[0]))) {
                database.executeAsSuperuser("CREATE EXTENSION IF NOT EXISTS timescaledb");
                new StoreBench(database, way, Integer.parseInt(arguments[1])).run(way, seconds);
            }
        }
    }

    private void run(Way way, Duration time) throws IOException {
        var collectors = IntStream.range(0, COLLECTORS)
                .mapToObj(i -> store.collector(database))
                .toList();
        long wal = database.number("SELECT pg_current_wal_lsn() - '0/0'");
        long begun = System.nanoTime();
        var running = collectors.stream().map(this::send).toList();
        await(store.vertx.timer(time.toMillis()));
        stopping.set(true);
        running.forEach(one -> await(one));
        double seconds = (System.nanoTime() - begun) / 1e9;
        double millions = stored.get() / 1e6;
        System.out.printf(
                "%-12s %4d rows a batch: %,8.0f rows/s; a million rows: database CPU %.2f s, WAL %.0f MB, kept in"
                        + " %.0f MB; %d refusals%n",
                way,
                rowsEach,
                stored.get() / seconds,
                databaseCpuSeconds() / millions,
                (database.number("SELECT pg_current_wal_lsn() - '0/0'") - wal) / 1e6 / millions,
                databaseBytes() / 1e6 / millions,
                refusals.get());
        if (database.number("SELECT count(*) FROM metrics.bench") != stored.get()) {
            throw new IllegalStateException("rows were lost or doubled");
        }
        store.close();
    }

    /** One batch after the other, until it is told to stop. */
    private Future<Void> send(UUID collector) {
        return send(batch(collector, 1));
    }

    private Future<Void> send(Batch batch) {
        if (stopping.get()) {
            return Future.succeededFuture();
        }
        long next = batch.number().sequence() + 1;
        return store.send(batch)
                .onSuccess(receipt -> stored.addAndGet(batch.rows()))
                .map(receipt -> batch(batch.collector(), next))
                .recover(refused -> again(batch, refused))
                .compose(this::send);
    }

    private Future<Batch> again(Batch batch, Throwable refused) {
        refusals.incrementAndGet();
        return refused instanceof FaultException known && known.fault().retryable()
                ? store.vertx.timer(100, TimeUnit.MILLISECONDS).map(batch)
                : Future.failedFuture(refused);
    }

    private Batch batch(UUID collector, long number) {
        return Samples.batch(collector, new BatchPosition(1, number, number), List.of(rows(number)));
    }

    /** The keys are the same each time; a fifth of the counters moves. */
    private ColumnBlock rows(long tick) {
        var vectors = new ArrayList<ColumnVector>();
        for (int column = 0; column < KEYS + COUNTERS; column++) {
            var values = new long[rowsEach];
            for (int row = 0; row < rowsEach; row++) {
                long thing = row * 0x9E3779B97F4A7C15L;
                values[row] = column < KEYS
                        ? (column == KEYS - 1 ? thing : column)
                        : Math.abs(thing >> 40) + (row % 5 == 0 ? tick * (row + column) + (thing ^ tick * 31) % 7 : 0);
            }
            vectors.add(new ColumnVector.Longs(values, new BitSet()));
        }
        return new ColumnBlock(SCHEMA, "db", Samples.nowMicros(), rowsEach, vectors);
    }

    /** Of the backends that write, user and system, since they began. */
    private double databaseCpuSeconds() throws IOException {
        long ticks = 0;
        for (var row : database.rows("SELECT pid FROM pg_stat_activity WHERE application_name = 'pganalytics ingest'"
                + " AND datname = current_database()")) {
            var fields = Files.readString(Path.of("/proc/%s/stat".formatted(row.get(0))))
                    .replaceFirst(".*\\) ", "")
                    .split(" ");
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks / 100.0;
    }

    private long databaseBytes() {
        return database.number("SELECT pg_database_size(current_database()) - pg_database_size('template1')");
    }
}
