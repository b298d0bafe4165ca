package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;

/** The limits that a collector has of its own; every server learns of a change by a notification, or at its next poll. */
final class CollectorLimits {
    private static final String COLUMNS = "rows_per_second, burst_rows, bytes_per_second, burst_bytes";
    private static final String GET = "SELECT %s FROM collector WHERE collector_id = $1".formatted(COLUMNS);
    private static final String SET = """
            UPDATE collector SET rows_per_second = $2, burst_rows = $3, bytes_per_second = $4, burst_bytes = $5
            WHERE collector_id = $1 RETURNING %s
            """.formatted(COLUMNS);

    private final Pool pool;
    private final AuditTrail audit;

    CollectorLimits(Pool pool, AuditTrail audit) {
        this.pool = pool;
        this.audit = audit;
    }

    /** What the contract calls Limits; null is the configured value. */
    record Limits(Double rowsPerSecond, Long burstRows, Double bytesPerSecond, Long burstBytes) {
        static Limits of(JsonObject json) {
            return new Limits(
                    json.getDouble("rows_per_second"),
                    whole(json.getString("burst_rows")),
                    json.getDouble("bytes_per_second"),
                    whole(json.getString("burst_bytes")));
        }

        private static Limits of(Row row) {
            return new Limits(
                    row.getDouble("rows_per_second"),
                    row.getLong("burst_rows"),
                    row.getDouble("bytes_per_second"),
                    row.getLong("burst_bytes"));
        }

        private static Long whole(String text) {
            return text == null ? null : Long.valueOf(text);
        }

        JsonObject json() {
            return new JsonObject()
                    .put("rows_per_second", rowsPerSecond)
                    .put("burst_rows", burstRows == null ? null : burstRows.toString())
                    .put("bytes_per_second", bytesPerSecond)
                    .put("burst_bytes", burstBytes == null ? null : burstBytes.toString());
        }
    }

    /** Fails with COLLECTOR_UNKNOWN. */
    Future<Limits> get(UUID collector) {
        return pool.preparedQuery(GET)
                .execute(Tuple.of(collector))
                .map(rows -> only(rows, collector))
                .recover(Collectors::refusal);
    }

    /** Fails with COLLECTOR_UNKNOWN. @param actor who does it, for the audit */
    Future<Limits> set(UUID collector, Limits limits, String actor) {
        return pool.withTransaction(tx -> tx.preparedQuery(SET)
                        .execute(Tuple.of(
                                collector,
                                limits.rowsPerSecond(),
                                limits.burstRows(),
                                limits.bytesPerSecond(),
                                limits.burstBytes()))
                        .map(rows -> only(rows, collector))
                        .compose(now -> audit(tx, collector, now, actor).map(now)))
                .recover(Collectors::refusal);
    }

    private Future<Void> audit(SqlConnection tx, UUID collector, Limits now, String actor) {
        return audit.add(
                tx, new AuditRecord(actor, "collector.limits", collector.toString(), AuditRecord.OK, "", now.json()));
    }

    private static Limits only(RowSet<Row> rows, UUID collector) {
        if (rows.size() == 0) {
            throw Collectors.unknown(collector);
        }
        return Limits.of(rows.iterator().next());
    }
}
