package org.pganalytics.storage.rollup;

import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.GatheringSql;
import org.pganalytics.model.RollUp;
import org.pganalytics.model.RollUp.Level;

/**
 * The statements that make a family's roll-ups anew; text only. They take what {@link Spans#bind} binds: {@code $1} to
 * {@code $3} say which, {@code $4} and {@code $5} bound the times of all, so that only the partitions concerned are opened.
 */
record RollUpSql(RolledFamily family) {
    private static final String SPAN = """
            WITH span AS MATERIALIZED (
                SELECT * FROM unnest($1::int4[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY
                    AS given (target_id, ":began", ":ended", ":no"))
            """;

    /** What is left of times whose rows are past their retention and gone is no longer made anew, it stays. */
    private static final String REMOVE = """
            DELETE FROM %1$s AS kept USING unnest($1::int4[], $2::timestamptz[], $3::timestamptz[])
                AS span (target_id, began, ended)
            WHERE kept.target_id = span.target_id AND kept.time >= span.began AND kept.time < span.ended
                AND kept.time >= $4 AND kept.time < $5
                AND EXISTS (SELECT FROM %2$s AS source WHERE source.target_id = kept.target_id
                    AND source.time >= kept.time AND source.time < kept.time + interval '%3$d seconds'
                    AND source.time >= $4 AND source.time < $5)
            """;

    /** So much before the collection before is read, too. */
    static final Duration NEAR_BEFORE = Duration.ofMinutes(1);

    /**
     * Rows of the spans, and of a minute before up to the collection before: in them most series have the sample before.
     */
    private static final String NEAR = """
            , looked AS MATERIALIZED (
                SELECT span.*, coalesce(before.time - interval '%4$d seconds', ":began") AS ":since"
                FROM span CROSS JOIN LATERAL (
                    SELECT max(time) AS time FROM %1$s AS sample
                    WHERE sample.target_id = span.target_id AND time < ":began" AND time >= ":began" - %2$s
                        AND time >= $4 AND time < $5) AS before),
            near AS MATERIALIZED (
                SELECT ":no", looked.target_id, ":began", sample.time, %3$s
                FROM looked CROSS JOIN LATERAL (
                    SELECT * FROM %1$s AS sample
                    WHERE sample.target_id = looked.target_id AND time >= ":since" AND time < ":ended"
                        AND time >= $4 AND time < $5) AS sample)
            """;

    /** The samples before of those series that have none near; nobody reads on where none is missing. */
    private static final String FAR = """
            , missing AS MATERIALIZED (
                SELECT ":no", %3$s AS ":series" FROM near GROUP BY ":no", ":began"%4$s HAVING min(time) >= ":began"),
            far AS (
                SELECT DISTINCT ON (":no"%4$s) ":no", looked.target_id, ":began", sample.time, %5$s
                FROM (SELECT DISTINCT ":no" FROM missing) AS lacking JOIN looked USING (":no") CROSS JOIN LATERAL (
                    SELECT * FROM %1$s AS sample
                    WHERE sample.target_id = looked.target_id AND time >= ":began" - %2$s AND time < ":since"
                        AND time >= $4 AND time < $5) AS sample
                JOIN missing USING (":no")
                WHERE missing.":series" = %3$s
                ORDER BY ":no"%4$s, sample.time DESC)
            """;

    private static final String MINUTES = """
            , step AS (
                SELECT ":no", target_id, ":began", time, %1$s
                FROM (SELECT * FROM near %2$s) AS sample
                WINDOW series AS (PARTITION BY ":no"%3$s ORDER BY time)),
            moment AS (
                SELECT ":no", ":began", time, time - lag(time) OVER (PARTITION BY ":no" ORDER BY time) AS ":gap"
                FROM (SELECT DISTINCT ":no", ":began", time FROM near) AS collected),
            covered AS (
                SELECT ":no", %4$s AS ":bucket", coalesce(sum(extract(epoch FROM ":gap") * 1000000)
                    FILTER (WHERE ":gap" <= %5$s), 0)::int8 AS ":covered"
                FROM moment WHERE time >= ":began" GROUP BY 1, 2),
            piece AS (SELECT *, %4$s AS ":bucket" FROM step WHERE time >= ":began")
            """;

    private static final String LONGER = """
            , piece AS MATERIALIZED (
                SELECT ":no", span.target_id, kept.time, %1$s AS ":bucket", %2$s, %3$s
                FROM span CROSS JOIN LATERAL (
                    SELECT * FROM %4$s AS kept
                    WHERE kept.target_id = span.target_id AND time >= ":began" AND time < ":ended"
                        AND time >= $4 AND time < $5) AS kept),
            covered AS (
                SELECT ":no", ":bucket", sum(":covered")::int8 AS ":covered"
                FROM (SELECT DISTINCT ":no", ":bucket", time, ":covered" FROM piece) AS collected GROUP BY 1, 2)
            """;

    private static final String INSERT = """
            INSERT INTO %1$s ("time", target_id, %2$s, %3$s, %4$s)
            SELECT ":bucket", target_id, covered.":covered", sum(%3$s)::int4, %5$s
            FROM piece JOIN covered USING (":no", ":bucket")
            GROUP BY ":no", ":bucket", target_id, covered.":covered"%6$s
            """;

    String remove(Level level) {
        return REMOVE.formatted(
                level.table(family.name()),
                level == Level.MINUTE ? family.table() : Level.MINUTE.table(family.name()),
                level.length().toSeconds());
    }

    /** Minutes from samples. */
    String minutes() {
        var gathering = family.gathering();
        var lookBack = "interval '%d seconds'".formatted(family.lookBack().toSeconds());
        var columns = family.columns().stream().map(RollUpSql::quote).collect(Collectors.joining(", "));
        var keys = andKeys(gathering);
        boolean far = gathering.counts();
        return SPAN
                + NEAR.formatted(family.table(), lookBack, columns, NEAR_BEFORE.toSeconds())
                + (far ? FAR.formatted(family.table(), lookBack, series(gathering), keys, columns) : "")
                + MINUTES.formatted(
                        gathering.withKeys(gathering.ofSamples(lookBack)),
                        far ? "UNION ALL SELECT * FROM far" : "",
                        keys,
                        bin(Level.MINUTE),
                        lookBack)
                + insert(Level.MINUTE, gathering);
    }

    /** Hours, or tens of minutes, from minutes. */
    String longer(Level level) {
        var gathering = family.gathering();
        return SPAN
                + LONGER.formatted(
                        bin(level),
                        RollUp.COVERED,
                        gathering.withKeys(gathering.ofRollUp()),
                        Level.MINUTE.table(family.name()))
                + insert(level, gathering);
    }

    private String insert(Level level, GatheringSql gathering) {
        var parts = family.columns().stream()
                .filter(column -> column.role() != ColumnRole.KEY)
                .flatMap(column -> RollUp.parts(column).stream())
                .map(RollUp.Part::name);
        return INSERT.formatted(
                level.table(family.name()),
                RollUp.COVERED,
                RollUp.SAMPLES,
                gathering.withKeys(parts),
                gathering.withKeys(gathering.kept()),
                andKeys(gathering));
    }

    private static String bin(Level level) {
        return "date_bin(interval '%d seconds', time, timestamptz '2000-01-01 00:00+00')"
                .formatted(level.length().toSeconds());
    }

    private static String andKeys(GatheringSql gathering) {
        return Stream.concat(Stream.of(""), gathering.keys().stream().map(RollUpSql::quote))
                .collect(Collectors.joining(", "));
    }

    /** One number a series. Two that share it are read once more than needed, no more. */
    private static String series(GatheringSql gathering) {
        return gathering.keys().isEmpty()
                ? "0::int8"
                : "hash_record_extended(ROW(%s), 0)"
                        .formatted(
                                gathering.keys().stream().map(RollUpSql::quote).collect(Collectors.joining(", ")));
    }

    private static String quote(Column column) {
        return '"' + column.name() + '"';
    }
}
