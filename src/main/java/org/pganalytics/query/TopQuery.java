package org.pganalytics.query;

import io.vertx.sqlclient.Tuple;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Asks for the series by which the first of the columns grew most.
 *
 * @param pieces of counters only
 */
record TopQuery(Pieces pieces, int limit) {
    private static final String SQL = """
            WITH piece AS (%1$s)
            SELECT %2$s, sum(g0) / nullif(sum(sum(g0)) OVER (), 0) AS share
            FROM piece %3$s
            HAVING sum(g0) > 0
            ORDER BY sum(g0) DESC, %4$s LIMIT $%5$d
            """;

    String sql(Tuple values) {
        var gathering = pieces.gathering();
        var grown = IntStream.range(0, pieces.columns().size()).mapToObj("sum(g%1$d) AS grown%1$d"::formatted);
        var keys = gathering.keys().stream().map(Sql::quote).collect(Collectors.joining(", "));
        return SQL.formatted(
                pieces.sql(values),
                gathering.withKeys(grown),
                keys.isEmpty() ? "" : "GROUP BY " + keys,
                Sql.hash(gathering.keys()),
                values.addInteger(limit).size());
    }
}
