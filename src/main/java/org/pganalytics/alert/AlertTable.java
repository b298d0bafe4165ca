package org.pganalytics.alert;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The table of alerts: at most one open row a (rule, subject), whichever server saw it. Times are the database's; ages
 * are what servers bring. Each method returns those it raised or cleared itself, so that one server tells the log.
 */
final class AlertTable {
    private static final int AT_ONCE = 1_000;
    private static final String OBSERVE = """
            INSERT INTO alert (rule, subject, severity, message, raised_at, last_seen_at)
            SELECT rule, subject, severity, message,
                now() - make_interval(secs => first), now() - make_interval(secs => last)
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[])
                AS seen (rule, subject, severity, message, first, last)
            ORDER BY rule, subject
            ON CONFLICT (rule, subject) WHERE cleared_at IS NULL DO UPDATE
            SET last_seen_at = greatest(alert.last_seen_at, excluded.last_seen_at), message = excluded.message
            RETURNING rule, message, xmax = 0 AS news
            """;
    private static final String SILENT = """
            INSERT INTO alert (rule, subject, severity, message, raised_at, last_seen_at)
            SELECT $1, c.collector_id::text, $2,
                format('collector %s (%s) has sent nothing since %s', c.name, c.collector_id,
                    coalesce(c.last_seen_at::text, 'it was registered')), now(), now()
            FROM collector c
            WHERE c.revoked_at IS NULL AND coalesce(c.last_seen_at, c.registered_at) < now() - make_interval(secs => $3)
                AND NOT EXISTS (SELECT FROM alert a
                    WHERE a.rule = $1 AND a.subject = c.collector_id::text AND a.cleared_at IS NULL)
            ORDER BY c.collector_id LIMIT $4
            ON CONFLICT (rule, subject) WHERE cleared_at IS NULL DO NOTHING
            RETURNING rule, message, true AS news
            """;
    private static final String HEARD = """
            UPDATE alert a SET cleared_at = now(), last_seen_at = now()
            WHERE a.rule = $1 AND a.cleared_at IS NULL AND NOT EXISTS (SELECT FROM collector c
                WHERE c.collector_id::text = a.subject AND c.revoked_at IS NULL
                    AND coalesce(c.last_seen_at, c.registered_at) < now() - make_interval(secs => $2))
            RETURNING rule, message, true AS news
            """;
    private static final String QUIET = """
            UPDATE alert SET cleared_at = now()
            WHERE rule = ANY ($1) AND cleared_at IS NULL AND last_seen_at < now() - make_interval(secs => $2)
            RETURNING rule, message, true AS news
            """;
    private static final String ENDED = """
            WITH open AS (
                UPDATE alert SET last_seen_at = now() - make_interval(secs => $6),
                    cleared_at = now() - make_interval(secs => $6)
                WHERE rule = $1 AND subject = $2 AND cleared_at IS NULL RETURNING 1)
            INSERT INTO alert (rule, subject, severity, message, raised_at, last_seen_at, cleared_at)
            SELECT $1, $2, $3, $4, now() - make_interval(secs => $5), now() - make_interval(secs => $6),
                now() - make_interval(secs => $6)
            WHERE NOT EXISTS (SELECT FROM open)
            """;
    private static final String CLEAR =
            "UPDATE alert SET cleared_at = now() WHERE rule = $1 AND subject = $2 AND cleared_at IS NULL";
    private static final String TRIM = "DELETE FROM alert WHERE cleared_at < now() - make_interval(secs => $1)";

    /** An alert that this server raised or cleared. */
    record News(String rule, String message) {}

    private final Pool pool;

    AlertTable(Pool pool) {
        this.pool = pool;
    }

    Future<List<News>> observe(List<Observation> seen, Instant now) {
        if (seen.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        var columns = Tuple.tuple()
                .addArrayOfString(texts(seen, each -> each.rule().code()))
                .addArrayOfString(texts(seen, Observation::subject))
                .addArrayOfString(texts(seen, each -> each.rule().severity()))
                .addArrayOfString(texts(seen, Observation::message))
                .addArrayOfDouble(
                        seen.stream().map(each -> age(each.first(), now)).toArray(Double[]::new))
                .addArrayOfDouble(
                        seen.stream().map(each -> age(each.last(), now)).toArray(Double[]::new));
        return pool.preparedQuery(OBSERVE).execute(columns).map(AlertTable::news);
    }

    Future<List<News>> raiseSilent(Duration silentAfter) {
        var rule = Rule.COLLECTOR_SILENT;
        return pool.preparedQuery(SILENT)
                .execute(Tuple.of(rule.code(), rule.severity(), seconds(silentAfter), AT_ONCE))
                .map(AlertTable::news);
    }

    Future<List<News>> clearHeard(Duration silentAfter) {
        return pool.preparedQuery(HEARD)
                .execute(Tuple.of(Rule.COLLECTOR_SILENT.code(), seconds(silentAfter)))
                .map(AlertTable::news);
    }

    Future<List<News>> clearQuiet(Duration clearAfter) {
        return pool.preparedQuery(QUIET)
                .execute(Tuple.tuple().addArrayOfString(Rule.thatEndWhenQuiet()).addDouble(seconds(clearAfter)))
                .map(AlertTable::news);
    }

    /** Writes an outage that is over, be it the end of an open row or a row of its own. */
    Future<Void> ended(Observations.Outage outage, String server, String message, Instant now) {
        var rule = Rule.DATABASE_REFUSING;
        return pool.preparedQuery(ENDED)
                .execute(Tuple.of(
                        rule.code(),
                        server,
                        rule.severity(),
                        message,
                        age(outage.since(), now),
                        age(outage.end(), now)))
                .mapEmpty();
    }

    /** Clears what an earlier run of this server left open. */
    Future<Void> clear(Rule rule, String subject) {
        return pool.preparedQuery(CLEAR).execute(Tuple.of(rule.code(), subject)).mapEmpty();
    }

    Future<Integer> trim(Duration retention) {
        return pool.preparedQuery(TRIM).execute(Tuple.of(seconds(retention))).map(RowSet::rowCount);
    }

    Future<Long> countOpen() {
        return pool.query("SELECT count(*) AS open FROM alert WHERE cleared_at IS NULL")
                .execute()
                .map(rows -> rows.iterator().next().getLong("open"));
    }

    private static List<News> news(RowSet<Row> rows) {
        var news = new ArrayList<News>();
        for (var row : rows) {
            if (row.getBoolean("news")) {
                news.add(new News(row.getString("rule"), row.getString("message")));
            }
        }
        return news;
    }

    private static String[] texts(List<Observation> seen, Function<Observation, String> part) {
        return seen.stream().map(part).toArray(String[]::new);
    }

    private static double age(Instant then, Instant now) {
        return Math.max(0, seconds(Duration.between(then, now)));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
