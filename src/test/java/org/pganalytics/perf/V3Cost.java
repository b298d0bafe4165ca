package org.pganalytics.perf;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.ingest.v3.V3Client;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.v3.V3Objects;

/**
 * What the server's processors do for a value that came as version 3 JSON, against one that came in the native form: the
 * same generated statements, as many fields of them as version 3 knows, each with its text, as such a collector sends them.
 */
final class V3Cost {
    private static final int TARGETS = 7;
    private static final int PUSHES = 20;

    /** Fields of version 3, and whose values they are. */
    private static final Map<String, String> COLUMNS = Map.ofEntries(
            Map.entry("hash", "queryid"),
            Map.entry("calls", "calls"),
            Map.entry("total_time", "total_exec_time"),
            Map.entry("mean_time", "mean_exec_time"),
            Map.entry("min_time", "min_exec_time"),
            Map.entry("max_time", "max_exec_time"),
            Map.entry("stddev_time", "stddev_exec_time"),
            Map.entry("rows", "rows"),
            Map.entry("shared_blks_hit", "shared_blks_hit"),
            Map.entry("shared_blks_read", "shared_blks_read"),
            Map.entry("shared_blks_dirtied", "shared_blks_dirtied"),
            Map.entry("shared_blks_written", "shared_blks_written"),
            Map.entry("local_blks_hit", "local_blks_hit"),
            Map.entry("local_blks_read", "local_blks_read"),
            Map.entry("local_blks_dirtied", "local_blks_dirtied"),
            Map.entry("local_blks_written", "local_blks_written"),
            Map.entry("temp_blks_read", "temp_blks_read"),
            Map.entry("temp_blks_written", "temp_blks_written"),
            Map.entry("blk_read_time", "shared_blk_read_time"),
            Map.entry("blk_write_time", "shared_blk_write_time"),
            Map.entry("wal_records", "wal_records"),
            Map.entry("wal_fpi", "wal_fpi"),
            Map.entry("wal_bytes", "wal_bytes"));

    private static final String WHEN = "2026-01-01T00:00:00Z";

    private final ServerProcess server;
    private final V3Client client;
    private final String push;
    private final int rowsAPush;
    private final int columns;
    private Instant next = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.DAYS);

    V3Cost(ServerProcess server, MetricFamily statements) throws IOException {
        this.server = server;
        this.columns = statements.schema().columns().size();
        var blocks = new GeneratedBlocks(List.of(statements)).ofTargets(statements, 0, TARGETS, 0);
        var objects = new ArrayList<JsonObject>();
        for (int at = 0; at < blocks.size(); at++) {
            objects.add(new JsonObject()
                    .put("type", "pg_query_stats")
                    .put("timestamp", WHEN)
                    .put("database", "db" + at)
                    .put("queries", queries(blocks.get(at))));
        }
        rowsAPush = blocks.stream().mapToInt(ColumnBlock::rows).sum();
        push = V3Objects.push("bench", objects).encode();
        client = new V3Client(server.port("http"));
        var answer = client.register(ServerProcess.SECRET, "v3-bench");
        if (client.token() == null) {
            throw new IOException("the server registers no version 3 collector: " + answer);
        }
    }

    private static JsonArray queries(ColumnBlock block) {
        var queries = new JsonArray();
        var names =
                block.schema().columns().stream().map(column -> column.name()).toList();
        for (int row = 0; row < block.rows(); row++) {
            var query = new JsonObject().put("text", "SELECT * FROM orders_%d WHERE id = $1".formatted(row));
            for (var field : COLUMNS.entrySet()) {
                var vector = block.vectors().get(names.indexOf(field.getValue()));
                query.put(field.getKey(), value(vector, row));
            }
            queries.add(query);
        }
        return queries;
    }

    /** Version 3 knows no null here, nor what is no number in JSON. */
    private static Object value(ColumnVector vector, int row) {
        if (vector.isNull(row)) {
            return 0;
        }
        if (vector instanceof ColumnVector.Doubles doubles) {
            double value = doubles.values()[row];
            return Double.isFinite(value) ? (Object) value : 0.0;
        }
        return ((ColumnVector.Longs) vector).values()[row];
    }

    /** @param copied the same statements in the native form, through the same server */
    List<Measurement> measure(int warmSeconds, int turns, CopyRatio copied) throws IOException {
        long begun = System.nanoTime();
        do {
            turn(1);
        } while (System.nanoTime() - begun < warmSeconds * 1e9);
        List<Double> ratios = new ArrayList<>();
        List<Double> costs = new ArrayList<>();
        double nativeMicrosAValue = copied.serverMicrosARow() / columns;
        for (int turn = 0; turn < turns; turn++) {
            double microsAValue = turn(PUSHES);
            ratios.add(nativeMicrosAValue / microsAValue);
            costs.add(microsAValue);
        }
        return List.of(
                Measurement.of(Goal.V3_TO_NATIVE, ratios), Measurement.aside("v3_server_cpu_a_value", "µs", costs));
    }

    /** @return µs of the server's processors for a value */
    private double turn(int pushes) throws IOException {
        double before = server.cpuSeconds();
        for (int each = 0; each < pushes; each++) {
            next = next.plusSeconds(1);
            var answer = client.push(push.replace(WHEN, next.toString()), "");
            if (answer.status() != 200) {
                throw new IOException("the server answers a version 3 push with " + answer);
            }
        }
        return (server.cpuSeconds() - before) * 1e6 / ((double) pushes * rowsAPush * COLUMNS.size());
    }
}
