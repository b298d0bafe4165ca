package org.pganalytics.perf;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.storage.StorageConfig;
import org.pganalytics.wire.BatchEncoder;

/**
 * The server on a columnstore hypertable of TimescaleDB's community edition, whose COPY it has written as columns at once,
 * against {@code psql}'s COPY of the same rows into a plain table of the same database with the same index, over as many
 * connections as the server has lanes; by turns, a checkpoint before each, who comes first changes from turn to turn. Beside
 * it, {@code psql}'s COPY of them as columns at once: what the database itself makes of it, were there no server.
 *
 * <p>A batch is of one target, as many rounds of it as make its rows those of the other comparisons: the server asks for
 * columns where a target has rows enough in a COPY, since a few make a tiny segment.
 */
final class CopyDirect {
    private static final String FAMILY = "pg_stat_statements";
    private static final String TABLE = "metrics." + FAMILY;
    private static final String PLAIN = "public.plain";
    private static final String MAKE_PLAIN =
            "CREATE TABLE %1$s (LIKE %2$s); CREATE INDEX ON %1$s (target_id, \"time\")".formatted(PLAIN, TABLE);

    /** Rows that were not written as columns are in the chunks' own heaps, which no row in columns touches. */
    private static final String HEAP_BYTES = """
            SELECT coalesce(sum(pg_relation_size(format('%%I.%%I', chunk_schema, chunk_name)::regclass)), 0)
            FROM timescaledb_information.chunks WHERE hypertable_schema = 'metrics' AND hypertable_name = '%s'
            """.formatted(FAMILY);

    /** An installed community edition says so by what its licence is, and by having that way of COPY. */
    private static final String CAN = """
            SELECT count(*) FROM pg_settings WHERE name = 'timescaledb.license' AND setting = 'timescale'
                AND EXISTS (SELECT FROM pg_settings WHERE name = 'timescaledb.enable_direct_compress_copy')
            """;

    private static final int COLLECTORS = 16;
    private static final int MOMENTS = 7;
    private static final Duration EVERY = Duration.ofSeconds(30);

    private final Workplace workplace;
    private final MetricFamily statements;
    private final ServerProcess server;
    private final Psql psql;
    private final long postmaster;
    private final List<Double> ratios = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> yardsticks = new ArrayList<>();
    private final List<Double> serverMicrosARow = new ArrayList<>();
    private final List<Double> databaseMicrosARow = new ArrayList<>();
    private final List<Double> copyMicrosARow = new ArrayList<>();
    private final List<Double> directRates = new ArrayList<>();
    private final List<Double> directMicrosARow = new ArrayList<>();

    private CopyDirect(Workplace workplace, MetricFamily statements, ServerProcess server, Psql psql)
            throws IOException, InterruptedException {
        this.workplace = workplace;
        this.statements = statements;
        this.server = server;
        this.psql = psql;
        this.postmaster = psql.number("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)");
        if (ProcessHandle.of(postmaster).isEmpty()) {
            throw new IOException("the TimescaleDB has to be on this machine, for its processor time");
        }
    }

    /** How much is measured. @param rows about as many of each run */
    record Length(int rows, int warmSeconds, int turns) {}

    /** Whether the database can. @param superuserUrl of a database with TimescaleDB, on this machine; may be empty */
    static boolean isPossible(String superuserUrl) throws IOException, InterruptedException {
        if (superuserUrl.isEmpty()) {
            return false;
        }
        try (var own = OwnDatabase.create(superuserUrl, "perf_licence")) {
            return own.psql().number(CAN) > 0;
        }
    }

    static List<Measurement> measure(
            Workplace workplace, Cores cores, MetricFamily statements, String superuserUrl, Length length)
            throws IOException, InterruptedException {
        try (var own = OwnDatabase.create(superuserUrl, "perf_direct");
                var server = ServerProcess.start(
                        workplace,
                        "direct",
                        cores,
                        Map.of(ServerProcess.DATABASE_URL, own.psql().url(), "PGANALYTICS_TCP_IDLE_TIME", "1h"))) {
            return new CopyDirect(workplace, statements, server, own.psql()).measure(length);
        }
    }

    private List<Measurement> measure(Length length) throws IOException, InterruptedException {
        psql.query(MAKE_PLAIN);
        var shape = new Replay.Shape(statements, new BatchEncoder(3), COLLECTORS, 1, "direct-");
        long now = System.currentTimeMillis() * 1_000;
        var generated = new GeneratedBlocks(List.of(statements));
        try (var replay = new Replay(
                server, shape, collector -> generated.ofMoments(statements, collector, MOMENTS, EVERY, now))) {
            int batches = length.rows() / replay.rowsABatch();
            WarmUp.run(length.warmSeconds(), () -> {
                throughServer(replay, batches);
                return serverMicrosARow.get(serverMicrosARow.size() - 1);
            });
            byTurns(replay, batches, length.turns());
            return measurements(replay.rowsABatch());
        }
    }

    private void byTurns(Replay replay, int batches, int turns) throws IOException, InterruptedException {
        long rows = (long) batches * replay.rowsABatch();
        int lanes = StorageConfig.defaults().lanes();
        try (var plain = new CopyYardstick(psql, workplace, TABLE, PLAIN, lanes);
                var direct = new CopyYardstick(psql, workplace, TABLE, TABLE, lanes)) {
            direct.set("SET timescaledb.enable_direct_compress_copy = on");
            plain(plain, rows);
            direct(direct, rows);
            List.of(
                            rates,
                            yardsticks,
                            directRates,
                            serverMicrosARow,
                            databaseMicrosARow,
                            copyMicrosARow,
                            directMicrosARow)
                    .forEach(List::clear);
            for (int turn = 0; turn < turns; turn++) {
                if (turn % 2 == 0) {
                    throughServer(replay, batches);
                    plain(plain, rows);
                } else {
                    plain(plain, rows);
                    throughServer(replay, batches);
                }
                direct(direct, rows);
                ratios.add(rates.get(turn) / yardsticks.get(turn));
            }
        }
    }

    /** As in {@link CopyRatio#fresh}. */
    private void fresh() throws IOException, InterruptedException {
        psql.query(
                "TRUNCATE " + TABLE,
                "TRUNCATE " + PLAIN,
                "TRUNCATE roll_up_due",
                "BEGIN; LOCK TABLE roll_up_work; DELETE FROM roll_up_work WHERE family = '%s'; COMMIT"
                        .formatted(FAMILY),
                "CHECKPOINT");
    }

    private void throughServer(Replay replay, int batches) throws IOException, InterruptedException {
        fresh();
        long rows = (long) batches * replay.rowsABatch();
        double serverBefore = server.cpuSeconds();
        double databaseBefore = Cores.cpuSecondsOfFamily(postmaster);
        double seconds = replay.flood(batches);
        serverMicrosARow.add((server.cpuSeconds() - serverBefore) * 1e6 / rows);
        databaseMicrosARow.add((Cores.cpuSecondsOfFamily(postmaster) - databaseBefore) * 1e6 / rows);
        rates.add(rows / seconds);
        requireColumns(rows);
    }

    private void plain(CopyYardstick yardstick, long rows) throws IOException, InterruptedException {
        byPsql(yardstick, rows, yardsticks, copyMicrosARow);
        require(PLAIN, rows);
    }

    private void direct(CopyYardstick yardstick, long rows) throws IOException, InterruptedException {
        byPsql(yardstick, rows, directRates, directMicrosARow);
        requireColumns(rows);
    }

    private void byPsql(CopyYardstick yardstick, long rows, List<Double> rowsASecond, List<Double> microsARow)
            throws IOException, InterruptedException {
        fresh();
        yardstick.ready();
        double before = Cores.cpuSecondsOfFamily(postmaster);
        double seconds = yardstick.copy();
        microsARow.add((Cores.cpuSecondsOfFamily(postmaster) - before) * 1e6 / rows);
        rowsASecond.add(rows / seconds);
    }

    private void requireColumns(long rows) throws IOException, InterruptedException {
        require(TABLE, rows);
        if (psql.number(HEAP_BYTES) > 0) {
            throw new IOException("some rows were not written as columns");
        }
    }

    private void require(String table, long rows) throws IOException, InterruptedException {
        long stored = psql.number("SELECT count(*) FROM " + table);
        if (stored != rows) {
            throw new IOException("%s has %d rows of %d".formatted(table, stored, rows));
        }
    }

    /** As in {@link CopyRatio}: where server and database have a processor each. */
    private List<Double> byCpu() {
        return IntStream.range(0, copyMicrosARow.size())
                .mapToObj(turn ->
                        copyMicrosARow.get(turn) / Math.max(serverMicrosARow.get(turn), databaseMicrosARow.get(turn)))
                .toList();
    }

    private List<Measurement> measurements(int rowsABatch) {
        return List.of(
                Measurement.of(Goal.COPY_DIRECT_RATIO, ratios),
                Measurement.aside(Goal.COPY_DIRECT_RATIO.keyByCpu(), "", byCpu()),
                Measurement.aside("rows_per_second_direct", "rows/s", rates),
                Measurement.aside("psql_plain_copy_rows_per_second", "rows/s", yardsticks),
                Measurement.aside("psql_direct_copy_rows_per_second", "rows/s", directRates),
                Measurement.aside("server_cpu_a_row_direct", "µs", serverMicrosARow),
                Measurement.aside("database_cpu_a_row_direct", "µs", databaseMicrosARow),
                Measurement.aside("psql_plain_copy_database_cpu_a_row", "µs", copyMicrosARow),
                Measurement.aside("psql_direct_copy_database_cpu_a_row", "µs", directMicrosARow),
                Measurement.aside("rows_a_batch_direct", "rows", rowsABatch));
    }
}
