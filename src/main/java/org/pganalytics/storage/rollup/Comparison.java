package org.pganalytics.storage.rollup;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import org.pganalytics.model.RollUp;
import org.pganalytics.model.RollUp.Level;

/**
 * Finds minutes of which more rows are there than were rolled up: those that nobody noted, as a server of the version before
 * notes none, which works beside this one while a fleet of servers is upgraded.
 *
 * <p>What is noted and not done yet is no such minute: all notes are to be gathered before. Each hour is compared once,
 * some hours after its end. Less rows than were rolled up are no reason: those that are past their retention are gone, and
 * their roll-ups are to stay.
 */
final class Comparison {
    /** Each an hour. */
    private static final int HOURS_A_RUN = 24;

    private static final String SQL = """
            WITH span AS (
                SELECT began, began + interval '1 hour' AS ended FROM (
                    SELECT coalesce(roll_up_checked, date_trunc('hour', now()) - interval '3 hours') AS began
                    FROM metric_family WHERE family = $1) AS known
                WHERE began <= now() - interval '3 hours'),
            counted AS (
                SELECT target_id, floor(extract(epoch FROM time) / 60)::int4 AS minute, count(*) AS rows
                FROM %1$s WHERE time >= (SELECT began FROM span) AND time < (SELECT ended FROM span) GROUP BY 1, 2
                UNION ALL
                SELECT target_id, floor(extract(epoch FROM time) / 60)::int4, -sum(%2$s)
                FROM %3$s WHERE time >= (SELECT began FROM span) AND time < (SELECT ended FROM span) GROUP BY 1, 2),
            missed AS (
                SELECT target_id, minute FROM counted GROUP BY 1, 2 HAVING sum(rows) > 0 AND NOT EXISTS (
                    SELECT FROM roll_up_work AS work WHERE work.family = $1 AND work.level = 'minute'
                        AND work.target_id = counted.target_id AND work.pending @> counted.minute)),
            noted AS (
                INSERT INTO roll_up_work (family, level, target_id, pending)
                SELECT $1, 'minute', target_id, range_agg(int4range(minute, minute + 1))
                FROM missed GROUP BY target_id ORDER BY target_id
                ON CONFLICT (family, level, target_id) DO UPDATE SET pending = roll_up_work.pending + excluded.pending),
            done AS (
                UPDATE metric_family SET roll_up_checked = ended FROM span WHERE family = $1 RETURNING 1)
            SELECT (SELECT count(*) FROM missed) AS missed, EXISTS (SELECT FROM done) AS compared
            """;

    private Comparison() {}

    /** Compares what is to be compared. @return how many minutes were missed */
    static Future<Long> run(SqlConnection connection, RolledFamily family) {
        return run(connection, family, HOURS_A_RUN, 0);
    }

    private static Future<Long> run(SqlConnection connection, RolledFamily family, int left, long sofar) {
        var sql = SQL.formatted(family.table(), RollUp.SAMPLES, Level.MINUTE.table(family.name()));
        return connection
                .preparedQuery(sql)
                .execute(Tuple.of(family.name()))
                .map(rows -> rows.iterator().next())
                .compose(row -> {
                    long missed = sofar + row.getLong("missed");
                    return row.getBoolean("compared") && left > 1
                            ? run(connection, family, left - 1, missed)
                            : Future.succeededFuture(missed);
                });
    }
}
