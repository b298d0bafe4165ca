package org.pganalytics.query;

import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.GatheringSql;
import org.pganalytics.model.RollUp;

/**
 * The pieces of a target's series that are gathered for an answer, from wherever each part of the range is read.
 *
 * @param columns to be gathered; no key columns
 * @param filters by key columns only, so that series stay whole
 */
record Pieces(Family family, int target, List<Part> parts, List<Column> columns, List<Filter> filters) {
    private static final String OF_ROLL_UPS = "SELECT time, %s FROM %s WHERE %s";
    private static final String OF_ROWS = """
            SELECT * FROM (
                SELECT time, %s FROM %s WHERE %s WINDOW series AS (%s ORDER BY time)) AS step
            WHERE time >= $%d""";
    private static final String COVERED_BY_ROLL_UPS = "SELECT time, max(%s) AS covered FROM %s WHERE %s GROUP BY time";
    private static final String COVERED_BY_ROWS = """
            SELECT time, (extract(epoch FROM gap) * 1000000)::int8 AS covered FROM (
                SELECT time, time - lag(time) OVER (ORDER BY time) AS gap
                FROM (SELECT DISTINCT time FROM %s WHERE %s) AS moment) AS collected
            WHERE time >= $%d AND gap <= %s""";

    Pieces {
        parts = List.copyOf(parts);
        columns = List.copyOf(columns);
        filters = List.copyOf(filters);
    }

    GatheringSql gathering() {
        return GatheringSql.of(family.columns(), columns);
    }

    /** Statements whose rows are the pieces; at least one. */
    String sql(Tuple values) {
        return all(part -> part.level().isPresent() ? ofRollUps(part, values) : ofRows(part, values));
    }

    /** Statements whose rows are {@code time} and {@code covered}, the microseconds that collections cover until then. */
    String covered(Tuple values) {
        return all(part -> {
            if (part.level().isPresent()) {
                var table = part.level().get().table(family.name());
                return COVERED_BY_ROLL_UPS.formatted(RollUp.COVERED, table, bounds(part, values));
            }
            var bounds = boundsBack(part, values);
            return COVERED_BY_ROWS.formatted(
                    family.table(), bounds, Sql.bind(values, part.range().from()), lookBack());
        });
    }

    private String all(Function<Part, String> sql) {
        return parts.stream().map(sql).collect(Collectors.joining("\nUNION ALL\n"));
    }

    private String ofRollUps(Part part, Tuple values) {
        var gathering = gathering();
        return OF_ROLL_UPS.formatted(
                gathering.withKeys(gathering.ofRollUp()),
                part.level().orElseThrow().table(family.name()),
                filtered(bounds(part, values), values));
    }

    private String ofRows(Part part, Tuple values) {
        var gathering = gathering();
        var bounds = gathering.counts() ? boundsBack(part, values) : bounds(part, values);
        var keys = new ArrayList<>(gathering.keys());
        // They are sorted by: the last tells most apart as a rule, a truth value never does.
        Collections.reverse(keys);
        keys.sort(Comparator.comparing(key -> key.type() == ColumnType.BOOL));
        return OF_ROWS.formatted(
                gathering.withKeys(gathering.ofSamples(lookBack())),
                family.table(),
                filtered(bounds, values),
                keys.isEmpty() ? "" : "PARTITION BY " + Sql.list(keys),
                Sql.bind(values, part.range().from()));
    }

    private String lookBack() {
        return "interval '%d seconds'".formatted(family.lookBackSeconds());
    }

    private String bounds(Part part, Tuple values) {
        return bounds(part.range(), values);
    }

    /** With the samples before. */
    private String boundsBack(Part part, Tuple values) {
        var range = part.range();
        return bounds(new Range(range.from().minusSeconds(family.lookBackSeconds()), range.to()), values);
    }

    private String bounds(Range range, Tuple values) {
        return "target_id = $%d AND time >= $%d AND time < $%d"
                .formatted(
                        values.addInteger(target).size(), Sql.bind(values, range.from()), Sql.bind(values, range.to()));
    }

    private String filtered(String bounds, Tuple values) {
        var where = new ArrayList<>(List.of(bounds));
        filters.forEach(filter -> where.add(filter.sql(values)));
        return String.join(" AND ", where);
    }
}
