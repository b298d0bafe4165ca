package org.pganalytics.storage.rollup;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collection;
import org.pganalytics.model.RollUp.Level;

/** What is to be rolled up: noted by those who write rows, gathered a target and family, taken by who rolls it up. */
final class Work {
    /** Takes what was noted; what others have not yet committed stays for the next time. */
    private static final String GATHER = """
            WITH gone AS (
                DELETE FROM roll_up_due WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM roll_up_due LIMIT $1 FOR UPDATE SKIP LOCKED))
                RETURNING *),
            work AS (
                INSERT INTO roll_up_work (family, level, target_id, pending, since)
                SELECT families[one], 'minute', target_id, range_agg(int4range(minute, minute + 1)), min(written_at)
                FROM gone CROSS JOIN LATERAL unnest(family_of, targets, minutes) AS noted (one, target_id, minute)
                GROUP BY 1, 3 ORDER BY 1, 3
                ON CONFLICT (family, level, target_id) DO UPDATE
                    SET pending = roll_up_work.pending + excluded.pending,
                        since = least(roll_up_work.since, excluded.since))
            SELECT count(*) AS gone FROM gone
            """;

    /**
     * Those with new minutes first, if so asked, then the longest waiting. Of each the newest minutes, where there are
     * such, then its oldest: what is made up for, after an upgrade or a long pause, holds up nobody who looks at the last
     * hour. What is left has waited since it began, or since it was noted.
     */
    private static final String TAKE = """
            WITH ready AS (
                SELECT target_id, pending, pending * int4multirange(CASE
                    WHEN pending && int4range($3::int4 - $4::int4, $3::int4) THEN int4range($3::int4 - $4::int4, $3::int4)
                    ELSE int4range(lower(pending), lower(pending) + $4::int4) END) AS taken
                FROM roll_up_work
                WHERE family = $1 AND level = $2 AND lower(pending) < $3 AND target_id <> ALL ($6::int4[])
                    AND since <= now() - $7::float8 * interval '1 second'
                ORDER BY $8::bool AND pending && int4range($3::int4 - $4::int4, $3::int4) DESC, since, target_id
                LIMIT $5 FOR UPDATE SKIP LOCKED),
            gone AS (
                DELETE FROM roll_up_work AS work USING ready
                WHERE work.family = $1 AND work.level = $2 AND work.target_id = ready.target_id
                    AND ready.pending = taken),
            less AS (
                UPDATE roll_up_work AS work SET pending = ready.pending - taken,
                    since = greatest(work.since, to_timestamp(lower(ready.pending - taken) * $9::float8))
                FROM ready
                WHERE work.family = $1 AND work.level = $2 AND work.target_id = ready.target_id
                    AND ready.pending <> taken)
            SELECT target_id, lower(one) AS began, upper(one) AS ended
            FROM ready CROSS JOIN LATERAL unnest(taken) AS one ORDER BY 1, 2
            """;

    /**
     * And what followed them, where it is rolled up already: the samples there have other ones before them now.
     *
     * <p>The first of each series would do; which they are is as dear to find as to make them all anew, and rows that late
     * are few.
     */
    private static final String WITH_SUCCESSORS = """
            SELECT target_id, lower(one) AS began, upper(one) AS ended
            FROM (SELECT target_id, range_agg(minutes) AS all_minutes
                  FROM (SELECT target_id, int4range(minute_of(span.began), minute_of(span.ended)) AS minutes
                        FROM unnest($1::int4[], $2::timestamptz[], $3::timestamptz[]) AS span (target_id, began, ended)
                        UNION ALL
                        SELECT kept.target_id, int4range(minute_of(kept.time), minute_of(kept.time) + 1)
                        FROM unnest($1::int4[], $2::timestamptz[], $3::timestamptz[]) AS span (target_id, began, ended)
                        JOIN %1$s AS kept ON kept.target_id = span.target_id AND kept.time >= span.ended
                            AND kept.time < span.ended + interval '%2$d seconds'
                        WHERE kept.time >= $4 AND kept.time < $5::timestamptz + interval '%2$d seconds') AS touched
                  GROUP BY target_id) AS merged
            CROSS JOIN LATERAL unnest(all_minutes) AS one ORDER BY 1, 2
            """;

    private static final String ADD = """
            INSERT INTO roll_up_work (family, level, target_id, pending)
            SELECT $1, '%1$s', target_id,
                range_agg(int4range(minute_of(began) / %2$d, (minute_of(ended) - 1) / %2$d + 1))
            FROM unnest($2::int4[], $3::timestamptz[], $4::timestamptz[]) AS span (target_id, began, ended)
            GROUP BY target_id ORDER BY target_id
            ON CONFLICT (family, level, target_id) DO UPDATE SET pending = roll_up_work.pending + excluded.pending
            """;

    private Work() {}

    /** @return how many notes were gathered */
    static Future<Long> gather(SqlClient client, int most) {
        return client.preparedQuery(GATHER)
                .execute(Tuple.of(most))
                .map(rows -> rows.iterator().next().getLong("gone"));
    }

    /**
     * Takes work within the transaction that does it.
     *
     * @param horizon the first minute or hour that is not to be taken yet
     * @param but targets that are to wait
     */
    static Future<Spans> take(
            SqlConnection tx, RolledFamily family, Level level, int horizon, Portion portion, Collection<Integer> but) {
        var values = Tuple.of(family.name(), level.word(), horizon, portion.times(), portion.targets())
                .addArrayOfInteger(but.toArray(Integer[]::new))
                .addDouble(portion.rest().toMillis() / 1000.0)
                .addBoolean(portion.newestFirst())
                .addDouble((double) level.length().toSeconds());
        return tx.preparedQuery(TAKE).execute(values).map(rows -> Spans.of(level, rows));
    }

    /**
     * How much is taken at once.
     *
     * @param times most minutes or hours of a target
     * @param rest how long a change waits for others: a minute that rows trickle into is not made anew for each of them
     * @param newestFirst whether targets with new minutes go before those that wait longest
     */
    record Portion(int targets, int times, Duration rest, boolean newestFirst) {}

    static Future<Spans> withSuccessors(SqlConnection tx, RolledFamily family, Spans minutes) {
        var sql = WITH_SUCCESSORS.formatted(
                Level.MINUTE.table(family.name()), family.lookBack().toSeconds());
        return tx.preparedQuery(minuteOf(sql))
                .execute(minutes.bind(Duration.ZERO))
                .map(rows -> Spans.of(Level.MINUTE, rows));
    }

    /** What is longer than minutes, and made of these, is to be made anew. */
    static Future<Void> add(SqlConnection tx, RolledFamily family, Level level, Spans minutes) {
        var bound = minutes.bind(Duration.ZERO);
        var values = Tuple.of(family.name(), bound.getValue(0), bound.getValue(1), bound.getValue(2));
        var sql = ADD.formatted(level.word(), level.length().toMinutes());
        return tx.preparedQuery(minuteOf(sql)).execute(values).mapEmpty();
    }

    private static String minuteOf(String sql) {
        return sql.replaceAll("minute_of\\(([a-z.]+)\\)", "(extract(epoch FROM $1)::int8 / 60)::int4");
    }
}
