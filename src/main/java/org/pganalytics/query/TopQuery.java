package org.pganalytics.query;

import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pganalytics.model.Column;

/**
 * Asks for the series by which the first of the columns grew most.
 *
 * @param pieces of counters only
 * @param dictionary has texts for the series
 */
record TopQuery(Pieces pieces, Optional<Family> dictionary, int limit) {
    private static final String SQL = """
            WITH piece AS (%1$s),
            top AS MATERIALIZED (
                SELECT %2$s, sum(":g0") / nullif(sum(sum(":g0")) OVER (), 0) AS ":share", %4$s AS ":hash"
                FROM piece %3$s
                HAVING sum(":g0") > 0
                ORDER BY ":grown0" DESC, ":hash" LIMIT $%5$d)
            SELECT top.*%6$s FROM top %7$s ORDER BY ":grown0" DESC, ":hash"
            """;

    String sql(Tuple values) {
        var gathering = pieces.gathering();
        var grown =
                IntStream.range(0, pieces.columns().size()).mapToObj("sum(\":g%1$d\") AS \":grown%1$d\""::formatted);
        var keys = gathering.keys().stream().map(Sql::quote).collect(Collectors.joining(", "));
        return SQL.formatted(
                pieces.sql(values),
                gathering.withKeys(grown),
                keys.isEmpty() ? "" : "GROUP BY " + keys,
                Sql.hash(gathering.keys()),
                values.addInteger(limit).size(),
                texts().stream()
                        .map(column -> ", dictionary.%s AS \"%s\"".formatted(Sql.quote(column), textName(column)))
                        .collect(Collectors.joining()),
                dictionary.map(known -> explain(known, values)).orElse(""));
    }

    /** What the dictionary has besides its key. */
    List<Column> texts() {
        return dictionary
                .map(known -> known.columns().stream()
                        .filter(column -> !column.name().equals(known.dictionaryKey()))
                        .toList())
                .orElse(List.of());
    }

    /** Under which name a row has it: no column of ours has a colon. */
    static String textName(Column column) {
        return column.name() + ":text";
    }

    private String explain(Family known, Tuple values) {
        return "LEFT JOIN %1$s AS dictionary ON dictionary.target_id = $%2$d AND dictionary.\"%3$s\" = top.\"%3$s\""
                .formatted(known.table(), values.addInteger(pieces.target()).size(), known.dictionaryKey());
    }
}
