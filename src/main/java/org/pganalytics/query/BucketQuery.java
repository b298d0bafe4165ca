package org.pganalytics.query;

import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pganalytics.model.Column;

/**
 * Asks for rows of a family gathered in buckets of time, one row a bucket and series; a series is what the family's key
 * columns tell apart.
 *
 * <p>A counter's increments are from one sample of its series to the next, which count for the bucket of the later one. They
 * are divided by the time that the bucket's collections of the whole family cover: a family may send only the rows that
 * moved, and a series that did not move was collected all the same.
 *
 * @param range begins where a bucket does
 * @param columns to be gathered; no key columns
 * @param filters by key columns only, so that series stay whole
 * @param after where the page before ended, or null
 */
record BucketQuery(
        Family family,
        int target,
        Range range,
        Duration bucket,
        List<Column> columns,
        List<Filter> filters,
        Place after,
        int limit) {
    private static final Duration LOOK_BACK_MIN = Duration.ofMinutes(10);

    /** The column by which a row tells since when all its counters count. */
    private static final String SINCE = "stats_since";

    private static final String SQL = """
            WITH moment AS (
                SELECT %1$s AS bucket, min(time) AS first, max(time) AS last
                FROM %2$s WHERE %3$s GROUP BY 1),
            covered AS (
                SELECT bucket, extract(epoch FROM last - coalesce(lag(last) OVER ordered, first))::float8 AS seconds
                FROM moment WINDOW ordered AS (ORDER BY bucket)),
            step AS (
                SELECT %1$s AS bucket, time, %4$s
                FROM %2$s WHERE %5$s
                WINDOW series AS (%6$s ORDER BY time)),
            gathered AS (
                SELECT step.bucket AS place_time, %7$s
                FROM step JOIN covered USING (bucket)
                WHERE step.bucket >= $%8$d
                GROUP BY step.bucket, covered.seconds%9$s)
            SELECT *, %10$s AS place_hash FROM gathered %11$s ORDER BY place_time, place_hash OFFSET $%12$d LIMIT $%13$d
            """;

    String sql(Tuple values) {
        int target = values.addInteger(this.target).size();
        var lookBack = bucket.compareTo(LOOK_BACK_MIN) > 0 ? bucket : LOOK_BACK_MIN;
        int back = Sql.bind(values, range.from().minus(lookBack));
        int from = Sql.bind(values, range.from());
        int to = Sql.bind(values, range.to());
        var bin = "date_bin($%d::int8 * interval '1 second', time, '2000-01-01 00:00+00')"
                .formatted(values.addLong(bucket.toSeconds()).size());
        var of = "target_id = $%d AND time >= $%d AND time < $%d".formatted(target, back, to);
        var keys = family.keys();
        return SQL.formatted(
                bin,
                family.table(),
                of,
                list(keys.stream().map(Sql::quote), steps()),
                filtered(of, values),
                keys.isEmpty() ? "" : "PARTITION BY " + Sql.list(keys),
                list(keys.stream().map(Sql::quote), gathered()),
                from,
                keys.isEmpty() ? "" : ", " + Sql.list(keys),
                Sql.hash(keys),
                later(keys, values),
                values.addInteger(after == null ? 0 : after.given()).size(),
                values.addInteger(limit).size());
    }

    private static String list(Stream<String> keys, Stream<String> others) {
        return Stream.concat(keys, others).collect(Collectors.joining(", "));
    }

    private String filtered(String of, Tuple values) {
        var where = new ArrayList<>(List.of(of));
        filters.forEach(filter -> where.add(filter.sql(values)));
        return String.join(" AND ", where);
    }

    private String later(List<Column> keys, Tuple values) {
        if (after == null) {
            return "";
        }
        int time = Sql.bind(values, after.time());
        int hash = values.addLong(after.hash()).size();
        return "WHERE place_time > $%1$d OR place_time = $%1$d AND %2$s >= $%3$d".formatted(time, Sql.hash(keys), hash);
    }

    /**
     * A column of a sample, or what a counter grew by since the sample before. One that fell began again from 0; so did one
     * whose row says so, as that of a statement that was evicted and has come back: it may have overtaken what it was.
     */
    private Stream<String> steps() {
        var begun = family.column(SINCE)
                .map(Sql::quote)
                .map("%1$s > lag(%1$s) OVER series"::formatted)
                .orElse("false");
        return IntStream.range(0, columns.size()).mapToObj(i -> {
            var name = Sql.quote(columns.get(i));
            if (Gathering.of(columns.get(i)) != Gathering.RATE) {
                return "%s AS v%d".formatted(name, i);
            }
            return """
                    CASE WHEN lag(%1$s) OVER series IS NULL THEN NULL
                         WHEN %3$s THEN %1$s::float8
                         WHEN %1$s >= lag(%1$s) OVER series AND lag(%1$s) OVER series >= 0
                             THEN (%1$s - lag(%1$s) OVER series)::float8
                         WHEN %1$s >= lag(%1$s) OVER series THEN %1$s::float8 - (lag(%1$s) OVER series)::float8
                         ELSE %1$s::float8 END AS v%2$d""".formatted(name, i, begun);
        });
    }

    private Stream<String> gathered() {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> Gathering.of(columns.get(i)).sql(i));
    }
}
