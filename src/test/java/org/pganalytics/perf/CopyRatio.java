package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.pganalytics.storage.StorageConfig;

/**
 * The server against the database itself: rows acknowledged a second, over {@code psql}'s COPY of the same rows into the
 * same table over as many connections, by turns, a checkpoint before each; who comes first changes from turn to turn. From
 * the same runs what each side takes of the processors. Roll-ups are in neither: they wait for longer than a run takes, and
 * what is to be rolled up is forgotten with the rows.
 */
final class CopyRatio {
    private static final String FAMILY = "pg_stat_statements";
    private static final String TABLE = "metrics." + FAMILY;

    private final ServerProcess server;
    private final Psql psql;
    private final Replay replay;
    private final int batches;
    private final int connections;
    private final List<Double> ratios = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> yardsticks = new ArrayList<>();
    private final List<Double> shares = new ArrayList<>();
    private final List<Double> serverMicrosARow = new ArrayList<>();
    private final List<Double> databaseMicrosARow = new ArrayList<>();
    private final List<Double> copyMicrosARow = new ArrayList<>();

    /** Of a server as shipped. @param rows about as many of each run */
    CopyRatio(ServerProcess server, Replay replay, int rows) {
        this(server, replay, rows, StorageConfig.defaults().lanes());
    }

    /** @param lanes of the server: as many connections has {@code psql} */
    CopyRatio(ServerProcess server, Replay replay, int rows, int lanes) {
        this.server = server;
        this.psql = server.psql();
        this.replay = replay;
        this.batches = rows / replay.rowsABatch();
        this.connections = lanes;
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
    void measure(int warmSeconds, int turns, Workplace workplace) throws IOException, InterruptedException {
        WarmUp.run(warmSeconds, () -> {
            throughServer();
            return serverMicrosARow.get(serverMicrosARow.size() - 1);
        });
        try (var yardstick = new CopyYardstick(psql, workplace, TABLE, TABLE, connections)) {
            byPsql(yardstick);
            clear();
            for (int turn = 0; turn < turns; turn++) {
                if (turn % 2 == 0) {
                    throughServer();
                    byPsql(yardstick);
                } else {
                    byPsql(yardstick);
                    throughServer();
                }
                ratios.add(rates.get(turn) / yardsticks.get(turn));
            }
        }
    }

    private void clear() {
        List.of(ratios, rates, yardsticks, shares, serverMicrosARow, databaseMicrosARow, copyMicrosARow)
                .forEach(List::clear);
    }

    /**
     * With no rows, nothing of them to be rolled up, and nothing left to write of those before. A transaction each: whoever
     * rolls up may be at it, and who takes more than one thing from it at once may wait for it for ever.
     */
    void fresh() throws IOException, InterruptedException {
        psql.query(
                "TRUNCATE " + TABLE,
                "TRUNCATE roll_up_due",
                "BEGIN; LOCK TABLE roll_up_work; DELETE FROM roll_up_work WHERE family = '%s'; COMMIT"
                        .formatted(FAMILY),
                "CHECKPOINT");
    }

    private void throughServer() throws IOException, InterruptedException {
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
    }

    private void requireAllRows(String writer) throws IOException, InterruptedException {
        long stored = psql.number("SELECT count(*) FROM " + TABLE);
        if (stored != rows()) {
            throw new IOException("%s stored %d rows of %d".formatted(writer, stored, rows()));
        }
    }

    private void byPsql(CopyYardstick yardstick) throws IOException, InterruptedException {
        fresh();
        yardstick.ready();
        double databaseBefore = server.databaseCpuSeconds();
        double seconds = yardstick.copy();
        copyMicrosARow.add((server.databaseCpuSeconds() - databaseBefore) * 1e6 / rows());
        requireAllRows("psql");
        yardsticks.add(rows() / seconds);
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
