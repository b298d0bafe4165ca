package org.pganalytics.perf;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.wire.v3.V3Objects;

/** Statements as a collector of version 3 pushes them. */
final class V3Statements {
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

    /** Fields that are numbers; beside them each statement has its text. */
    static final int VALUES_A_ROW = COLUMNS.size();

    private V3Statements() {}

    /** A push of an object for each block, as though each were of a database. @param when in RFC 3339 */
    static String push(List<ColumnBlock> blocks, String when) {
        var objects = new ArrayList<JsonObject>();
        for (int at = 0; at < blocks.size(); at++) {
            objects.add(sorted(new JsonObject()
                    .put("type", "pg_query_stats")
                    .put("timestamp", when)
                    .put("database", "db" + at)
                    .put("queries", queries(blocks.get(at)))));
        }
        return V3Objects.push("bench", objects).encode();
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
            queries.add(sorted(query));
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

    /** As such a collector writes members. */
    private static JsonObject sorted(JsonObject object) {
        return new JsonObject(new TreeMap<>(object.getMap()));
    }
}
