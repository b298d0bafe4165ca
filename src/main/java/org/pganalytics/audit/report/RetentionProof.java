package org.pganalytics.audit.report;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * How long the audit is kept: what is configured, the oldest event there, and the signed checkpoints of a period with
 * which chains began and old events were deleted.
 */
public final class RetentionProof {
    private static final List<String> COLUMNS =
            List.of("what", "time", "position", "events", "before_id", "key_id", "signature");

    private static final String OLDEST = "SELECT min(time) AS time FROM audit_event";
    private static final String CHECKPOINTS = """
            SELECT kind, time, position, events, before_id, key_id, signature FROM audit_checkpoint
            WHERE time >= $1 AND time < $2 AND kind IN ('begin', 'prune') ORDER BY time, position LIMIT $3
            """;

    private RetentionProof() {}

    /** @param retention as the configuration has it */
    public static Future<ReportTable> read(SqlClient client, Duration retention, Period period) {
        var rows = new ArrayList<List<Object>>();
        return client.query(OLDEST)
                .execute()
                .onSuccess(found -> rows.add(oldest(found.iterator().next(), retention)))
                .compose(found -> client.preparedQuery(CHECKPOINTS)
                        .execute(period.bounds().addInteger(ReportTable.ROWS_MAX)))
                .map(found -> {
                    found.forEach(row -> rows.add(cells(row)));
                    return new ReportTable(COLUMNS, rows);
                });
    }

    private static List<Object> oldest(Row row, Duration retention) {
        var time = row.getOffsetDateTime("time");
        return Arrays.asList(
                "oldest event; %d days are kept".formatted(retention.toDays()),
                time == null ? null : time.toInstant().toString(),
                null,
                null,
                null,
                null,
                null);
    }

    private static List<Object> cells(Row row) {
        return Arrays.asList(
                row.getString("kind"),
                row.getOffsetDateTime("time").toInstant().toString(),
                row.getLong("position"),
                row.getLong("events"),
                row.getLong("before_id"),
                row.getString("key_id"),
                Base64.getEncoder().encodeToString(row.getBuffer("signature").getBytes()));
    }
}
