package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.StreamSupport;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Cursor;

/** Answers with what every target did in the last hour, from what is rolled up of whole targets. */
final class FleetOverview {
    private static final Duration LENGTH = Duration.ofHours(1);

    /**
     * Rates are per second that the collections of databases' statistics cover; the last size is that of all databases.
     *
     * <p>Minutes are gathered as they come: an aggregate that wants an order would have all of them sorted, and numeric
     * sums cost several times those of float8.
     */
    static final String SQL = """
            WITH lately AS (
                SELECT target_id, max(time) AS last,
                       nullif(sum(covered::float8) FILTER (WHERE family = 'pg_stat_database'), 0) / 1e6::float8 AS seconds,
                       sum(commits) AS commits, sum(rollbacks) AS rollbacks, sum(blocks_hit) AS hit,
                       sum(blocks_read) AS read, sum(deadlocks) AS deadlocks, sum(temp_bytes) AS temp,
                       sum(sessions) / nullif(count(sessions), 0) AS sessions, max(sessions) AS sessions_max,
                       max(databases) FILTER (WHERE family = 'pg_stat_database') AS databases,
                       (max(ARRAY[extract(epoch FROM time)::float8, database_bytes])
                           FILTER (WHERE database_bytes IS NOT NULL))[2] AS bytes
                FROM fleet_minute WHERE time >= $1 AND time < $2 GROUP BY target_id)
            SELECT target_id, target.name, collector_id, collector.name AS collector, last_seen_at, last,
                   commits / seconds AS commit_rate, rollbacks / seconds AS rollback_rate,
                   hit / nullif(hit + read, 0) AS hit_share, deadlocks, temp / seconds AS temp_rate,
                   sessions, sessions_max, databases, bytes
            FROM target JOIN collector USING (collector_id) LEFT JOIN lately USING (target_id)
            WHERE target_id > $3 ORDER BY target_id LIMIT $4
            """;

    private final Reader reader;
    private final Clock clock;

    FleetOverview(Reader reader, Clock clock) {
        this.reader = reader;
        this.clock = clock;
    }

    /** A target's line. */
    private record Line(int target, JsonObject json) {}

    Future<Answer> read(Call call) {
        int after =
                Cursor.read(call, 1, values -> Integer.parseInt(values.get(0))).orElse(0);
        var to = clock.instant().truncatedTo(ChronoUnit.MINUTES);
        var range = new Range(to.minus(LENGTH), to);
        var values = Tuple.tuple();
        Sql.bind(values, range.from());
        Sql.bind(values, range.to());
        values.addInteger(after).addInteger(call.integer("limit") + 1);
        int limit = call.integer("limit");
        return reader.read(SQL, values).map(rows -> {
            var lines = StreamSupport.stream(rows.spliterator(), false)
                    .map(FleetOverview::line)
                    .toList();
            var page = lines.stream().limit(limit).map(Line::json).toList();
            return Answer.ok(new JsonObject()
                    .put("from", range.from().toString())
                    .put("to", range.to().toString())
                    .put("targets", new JsonArray(page))
                    .put("next", lines.size() <= limit ? null : next(call, lines.get(limit - 1))));
        });
    }

    private static String next(Call call, Line last) {
        return Cursor.of(call, List.of(Integer.toString(last.target())));
    }

    private static Line line(Row row) {
        int target = row.getInteger("target_id");
        return new Line(
                target,
                new JsonObject()
                        .put("target_id", target)
                        .put("name", row.getString("name"))
                        .put("collector_id", row.getUUID("collector_id").toString())
                        .put("collector_name", row.getString("collector"))
                        .put("collector_last_seen_at", time(row, "last_seen_at"))
                        .put("last_minute", time(row, "last"))
                        .put("commits_per_second", number(row, "commit_rate"))
                        .put("rollbacks_per_second", number(row, "rollback_rate"))
                        .put("cache_hit_share", number(row, "hit_share"))
                        .put("deadlocks", number(row, "deadlocks"))
                        .put("temp_bytes_per_second", number(row, "temp_rate"))
                        .put("sessions", number(row, "sessions"))
                        .put("sessions_max", number(row, "sessions_max"))
                        .put("databases", row.getInteger("databases"))
                        .put("database_bytes", number(row, "bytes")));
    }

    private static Object number(Row row, String column) {
        return Values.number(row.getDouble(column));
    }

    private static String time(Row row, String column) {
        var time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant().toString();
    }
}
