package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The server against the database itself: rows acknowledged a second, over {@code psql}'s COPY of the same rows into the
 * same table over as many connections, by turns, a checkpoint before each. From the same runs what each side takes of the
 * processors.
 */
final class CopyRatio {
    /** Lanes of a server as shipped. */
    private static final int CONNECTIONS = 2;

    private static final String TABLE = "metrics.pg_stat_statements";

    private final ServerProcess server;
    private final Psql psql;
    private final Replay replay;
    private final int batches;
    private final List<Path> dumps = new ArrayList<>();
    private final List<Double> ratios = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> yardsticks = new ArrayList<>();
    private final List<Double> shares = new ArrayList<>();
    private final List<Double> serverMicrosARow = new ArrayList<>();
    private final List<Double> databaseMicrosARow = new ArrayList<>();
    private final List<Double> copyMicrosARow = new ArrayList<>();

    /** @param rows about as many of each run */
    CopyRatio(ServerProcess server, Replay replay, int rows) {
        this.server = server;
        this.psql = server.psql();
        this.replay = replay;
        this.batches = rows / replay.rowsABatch();
    }

    private long rows() {
        return (long) batches * replay.rowsABatch();
    }

    /**
     * By turns, this often, after the server has worked for as long as its code takes to be compiled: until a row costs it
     * no less than before, which comes late on a machine that is busy with other work.
     *
     * @param warmSeconds at least; at most four times as long
     */
    void measure(int warmSeconds, int turns, Path folder) throws IOException, InterruptedException {
        WarmUp.run(warmSeconds, () -> {
            throughServer();
            return serverMicrosARow.get(serverMicrosARow.size() - 1);
        });
        dump(folder);
        byPsql();
        clear();
        for (int turn = 0; turn < turns; turn++) {
            double rate = throughServer();
            double yardstick = byPsql();
            ratios.add(rate / yardstick);
        }
    }

    private void clear() {
        List.of(ratios, rates, yardsticks, shares, serverMicrosARow, databaseMicrosARow, copyMicrosARow)
                .forEach(List::clear);
    }

    /** With no rows, and nothing left to write of those before. */
    void fresh() throws IOException, InterruptedException {
        psql.query("TRUNCATE " + TABLE);
        psql.query("CHECKPOINT");
    }

    private double throughServer() throws IOException, InterruptedException {
        fresh();
        double serverBefore = server.cpuSeconds();
        double databaseBefore = server.databaseCpuSeconds();
        double seconds = replay.flood(batches);
        double ours = server.cpuSeconds() - serverBefore;
        double databases = server.databaseCpuSeconds() - databaseBefore;
        requireAllRows("the server");
        rates.add(rows() / seconds);
        shares.add(ours / (ours + databases));
        serverMicrosARow.add(ours * 1e6 / rows());
        databaseMicrosARow.add(databases * 1e6 / rows());
        return rows() / seconds;
    }

    private void requireAllRows(String writer) throws IOException, InterruptedException {
        long stored = psql.number("SELECT count(*) FROM " + TABLE);
        if (stored != rows()) {
            throw new IOException("%s stored %d rows of %d".formatted(writer, stored, rows()));
        }
    }

    /** What the server has stored, in a file for each connection. */
    private void dump(Path folder) throws IOException, InterruptedException {
        for (int part = 0; part < CONNECTIONS; part++) {
            var file = folder.resolve("rows-%d.copy".formatted(part));
            psql.query("\\copy (SELECT * FROM %s WHERE target_id %% %d = %d) TO '%s' (FORMAT binary)"
                    .formatted(TABLE, CONNECTIONS, part, file));
            dumps.add(file);
        }
    }

    private double byPsql() throws IOException, InterruptedException {
        fresh();
        double databaseBefore = server.databaseCpuSeconds();
        long begun = System.nanoTime();
        var running = new ArrayList<Process>();
        for (var file : dumps) {
            running.add(psql.start("\\copy %s FROM '%s' (FORMAT binary)".formatted(TABLE, file)));
        }
        for (var one : running) {
            Commands.finish(one);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        psql.query("SELECT 1"); // by the next connection the ones that ended are counted as their parent's
        copyMicrosARow.add((server.databaseCpuSeconds() - databaseBefore) * 1e6 / rows());
        requireAllRows("psql");
        yardsticks.add(rows() / seconds);
        return rows() / seconds;
    }

    /** @param share the goal of the server's share of the CPU; may be null @param suffix of the other keys */
    List<Measurement> measurements(Goal ratio, Goal share, String suffix) {
        return List.of(
                Measurement.of(ratio, ratios),
                Measurement.aside(ratio.keyByCpu(), "", byCpu()),
                share == null
                        ? Measurement.aside("server_cpu_share" + suffix, "", shares)
                        : Measurement.of(share, shares),
                Measurement.aside("rows_per_second" + suffix, "rows/s", rates),
                Measurement.aside("psql_copy_rows_per_second" + suffix, "rows/s", yardsticks),
                Measurement.aside("server_cpu_a_row" + suffix, "µs", serverMicrosARow),
                Measurement.aside("database_cpu_a_row" + suffix, "µs", databaseMicrosARow),
                Measurement.aside("psql_copy_database_cpu_a_row" + suffix, "µs", copyMicrosARow));
    }

    /**
     * What the ratio comes to where the database and the server have a processor each: both then work at the pace of the one
     * that a row costs more. Unlike the ratio of rates it does not fall with what else the machine has to do.
     */
    private List<Double> byCpu() {
        return IntStream.range(0, copyMicrosARow.size())
                .mapToObj(turn ->
                        copyMicrosARow.get(turn) / Math.max(serverMicrosARow.get(turn), databaseMicrosARow.get(turn)))
                .toList();
    }

    /** Batches a second at the top rate. */
    double topBatchesASecond() {
        return Measurement.aside("top", "", rates).median() / replay.rowsABatch();
    }

    /** Server and database together, of each turn. */
    List<Double> microsARow() {
        return IntStream.range(0, serverMicrosARow.size())
                .mapToObj(turn -> serverMicrosARow.get(turn) + databaseMicrosARow.get(turn))
                .toList();
    }

    double serverMicrosARow() {
        return Measurement.aside("server", "", serverMicrosARow).median();
    }
}
