package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.wire.Recorded;

/**
 * What a real agent once sent, as if it had been a moment ago: in the batches that it sent, and as objects of a version 3
 * collector that had seen the same.
 */
final class RecordedRows {
    /** The fields of a version 3 collector, and where our families have the same. */
    static final List<Form> FORMS = List.of(
            new Form("pg_stats", "", "pg_stat_database", """
                    size_bytes=size_bytes transactions_committed=xact_commit transactions_rolledback=xact_rollback
                    tuples_returned=tup_returned tuples_fetched=tup_fetched tuples_inserted=tup_inserted
                    tuples_updated=tup_updated tuples_deleted=tup_deleted"""),
            new Form("pg_stats", "tables", "pg_stat_user_tables", """
                    schema=schemaname name=relname live_tuples=n_live_tup dead_tuples=n_dead_tup
                    modified_since_analyze=n_mod_since_analyze size_bytes=total_bytes last_vacuum=last_vacuum
                    last_autovacuum=last_autovacuum last_analyze=last_analyze last_autoanalyze=last_autoanalyze
                    vacuum_count=vacuum_count autovacuum_count=autovacuum_count"""),
            new Form("pg_stats", "indexes", "pg_stat_user_indexes", """
                    schema=schemaname name=indexrelname table=relname scans=idx_scan tuples_read=idx_tup_read
                    tuples_returned=idx_tup_fetch size_bytes=index_bytes"""),
            new Form("pg_query_stats", "queries", "pg_stat_statements", """
                    hash=queryid calls=calls total_time=total_exec_time mean_time=mean_exec_time min_time=min_exec_time
                    max_time=max_exec_time stddev_time=stddev_exec_time rows=rows shared_blks_hit=shared_blks_hit
                    shared_blks_read=shared_blks_read shared_blks_dirtied=shared_blks_dirtied
                    shared_blks_written=shared_blks_written local_blks_hit=local_blks_hit local_blks_read=local_blks_read
                    local_blks_dirtied=local_blks_dirtied local_blks_written=local_blks_written
                    temp_blks_read=temp_blks_read temp_blks_written=temp_blks_written blk_read_time=shared_blk_read_time
                    blk_write_time=shared_blk_write_time wal_records=wal_records wal_fpi=wal_fpi wal_bytes=wal_bytes"""));

    private static final long AGO_SECONDS = 60;

    private final List<List<ColumnBlock>> batches;
    private final Map<Object, Object> databases = new HashMap<>();
    private final Map<Object, Object> texts = new HashMap<>();
    private final Map<String, JsonObject> objects = new TreeMap<>();

    /** @param array the member of the object that has the rows; empty when the object is the row */
    record Form(String type, String array, String family, Map<String, String> columns) {
        /** @param fields as {@code field=column} */
        Form(String type, String array, String family, String fields) {
            this(type, array, family, new TreeMap<>());
            for (var field : fields.split("\\s+")) {
                columns.put(field.split("=")[0], field.split("=")[1]);
            }
        }
    }

    /** One row of a block. */
    private record Row(ColumnBlock block, int row) {
        /** A String, Long or Double; null also where the agent of the recording had no such column yet. */
        Object value(String column) {
            var names = block.schema().columns().stream().map(Column::name).toList();
            int index = names.indexOf(column);
            if (index < 0 || block.vectors().get(index).isNull(row)) {
                return null;
            }
            var vector = block.vectors().get(index);
            if (vector instanceof ColumnVector.Texts values) {
                return values.text(row);
            }
            return vector instanceof ColumnVector.Doubles doubles
                    ? (Object) doubles.values()[row]
                    : (Object) ((ColumnVector.Longs) vector).values()[row];
        }

        /** The same as version 3 writes it. */
        Object said(String column) {
            var value = value(column);
            boolean time = block.schema().columns().stream()
                    .anyMatch(one -> one.name().equals(column) && one.type() == ColumnType.TIMESTAMPTZ);
            if (!time) {
                return value;
            }
            return value == null
                    ? ""
                    : Instant.EPOCH
                            .plusNanos((long) value * 1_000)
                            .toString()
                            .replace('T', ' ')
                            .replace("Z", "+00");
        }
    }

    RecordedRows() {
        var recorded = Recorded.agent();
        long last = recorded.stream()
                .flatMap(List::stream)
                .mapToLong(ColumnBlock::collectedAtMicros)
                .max()
                .orElseThrow();
        long later = (Instant.now().getEpochSecond() - AGO_SECONDS - last / 1_000_000) * 1_000_000;
        batches = recorded.stream()
                .map(blocks -> blocks.stream().map(block -> at(block, later)).toList())
                .toList();
        rows("pg_stat_database").forEach(row -> databases.put(row.value("datid"), row.value("datname")));
        rows("pg_statement_text").forEach(row -> texts.put(row.value("queryid"), row.value("query")));
        FORMS.forEach(form -> rows(form.family()).forEach(row -> tell(form, row)));
    }

    private static ColumnBlock at(ColumnBlock block, long laterMicros) {
        long micros = block.collectedAtMicros() + laterMicros;
        return new ColumnBlock(block.schema(), block.target(), micros, block.rows(), block.vectors());
    }

    private List<Row> rows(String family) {
        return blocks().stream()
                .filter(block -> block.schema().family().equals(family))
                .flatMap(block -> IntStream.range(0, block.rows()).mapToObj(row -> new Row(block, row)))
                .toList();
    }

    private void tell(Form form, Row row) {
        boolean statement = form.family().equals("pg_stat_statements");
        var database = statement ? databases.get(row.value("dbid")) : row.value("datname");
        var second = Instant.ofEpochSecond(row.block().collectedAtMicros() / 1_000_000)
                .toString();
        var object = objects.computeIfAbsent(
                second + form.type() + database,
                first -> new JsonObject()
                        .put("type", form.type())
                        .put("timestamp", second)
                        .put("database", database));
        var members = form.array().isEmpty() ? object : new JsonObject();
        form.columns().forEach((field, column) -> {
            if (members.containsKey(field)) {
                throw new IllegalStateException("two rows of %s within %s".formatted(database, second));
            }
            members.put(field, row.said(column));
        });
        if (statement) {
            members.put("text", texts.get(row.value("queryid")));
        }
        if (!form.array().isEmpty()) {
            var array = object.getJsonArray(form.array(), new JsonArray());
            object.put(form.array(), array.add(members));
        }
    }

    List<List<ColumnBlock>> batches() {
        return batches;
    }

    List<ColumnBlock> blocks() {
        return batches.stream().flatMap(List::stream).toList();
    }

    /** In the order of their times. */
    List<JsonObject> objects() {
        return List.copyOf(objects.values());
    }
}
