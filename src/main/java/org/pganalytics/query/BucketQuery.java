package org.pganalytics.query;

import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.pganalytics.model.Column;
import org.pganalytics.model.GatheringSql;

/**
 * Asks for rows of a family gathered in buckets of time, one row a bucket and series; a series is what the family's key
 * columns tell apart.
 *
 * <p>A counter's increments are from one sample of its series to the next, which count for the bucket of the later one. They
 * are divided by the time that the bucket's collections of the whole family cover: a family may send only the rows that
 * moved, and a series that did not move was collected all the same.
 *
 * @param after where the page before ended, or null
 */
record BucketQuery(Pieces pieces, Duration bucket, Place after, int limit) {
    private static final String COVERED = """
            covered AS (
                SELECT %1$s AS ":bucket", (sum(covered) / 1000000)::float8 AS ":seconds"
                FROM (%2$s) AS collected GROUP BY 1),
            """;

    private static final String SQL = """
            WITH %1$s piece AS (SELECT *, %2$s AS ":bucket" FROM (%3$s) AS part),
            gathered AS (
                SELECT ":bucket" AS ":time", %4$s
                FROM piece %5$s
                GROUP BY ":bucket"%6$s)
            SELECT *, %7$s AS ":hash" FROM gathered %8$s ORDER BY ":time", ":hash" OFFSET $%9$d LIMIT $%10$d
            """;

    String sql(Tuple values) {
        var gathering = pieces.gathering();
        var bin = "date_bin($%d::int8 * interval '1 second', time, '2000-01-01 00:00+00')"
                .formatted(values.addLong(bucket.toSeconds()).size());
        boolean counts = gathering.counts();
        return SQL.formatted(
                counts ? COVERED.formatted(bin, pieces.covered(values)) : "",
                bin,
                pieces.sql(values),
                gathering.withKeys(gathering.answered("covered.\":seconds\"")),
                counts ? "LEFT JOIN covered USING (\":bucket\")" : "",
                groups(gathering, counts),
                Sql.hash(gathering.keys()),
                later(gathering.keys(), values),
                values.addInteger(after == null ? 0 : after.given()).size(),
                values.addInteger(limit).size());
    }

    private static String groups(GatheringSql gathering, boolean counts) {
        var keys = gathering.keys().stream().map(key -> ", " + Sql.quote(key));
        return Stream.concat(counts ? Stream.of(", covered.\":seconds\"") : Stream.of(), keys)
                .collect(java.util.stream.Collectors.joining());
    }

    private String later(List<Column> keys, Tuple values) {
        if (after == null) {
            return "";
        }
        int time = Sql.bind(values, after.time());
        int hash = values.addLong(after.hash()).size();
        return "WHERE \":time\" > $%1$d OR \":time\" = $%1$d AND %2$s >= $%3$d".formatted(time, Sql.hash(keys), hash);
    }
}
