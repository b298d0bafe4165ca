package org.pganalytics.query;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.Set;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;

/** What becomes of a column's values in a bucket. */
enum Gathering {
    /** Per second: how much a counter grew. */
    RATE,
    /** The average, the least and the greatest. */
    SPREAD,
    /** The last one that is not null. */
    LAST;

    private static final Set<ColumnType> NUMBERS = Set.of(ColumnType.INT4, ColumnType.INT8, ColumnType.FLOAT8);

    static Gathering of(Column column) {
        if (!NUMBERS.contains(column.type())) {
            return LAST;
        }
        return column.role() == ColumnRole.COUNTER ? RATE : SPREAD;
    }

    /** The i-th column's part of the query. */
    String sql(int i) {
        return switch (this) {
            case RATE -> "sum(v%1$d) / nullif(covered.seconds, 0) AS rate%1$d".formatted(i);
            case SPREAD ->
                "avg(v%1$d)::float8 AS avg%1$d, min(v%1$d)::float8 AS min%1$d, max(v%1$d)::float8 AS max%1$d"
                        .formatted(i);
            case LAST ->
                "(array_agg(v%1$d ORDER BY time DESC) FILTER (WHERE v%1$d IS NOT NULL))[1] AS last%1$d".formatted(i);
        };
    }

    JsonObject json(Column column, Row row, int i) {
        return switch (this) {
            case RATE -> new JsonObject().put("rate", Values.number(row.getDouble("rate" + i)));
            case SPREAD ->
                new JsonObject()
                        .put("avg", Values.number(row.getDouble("avg" + i)))
                        .put("min", Values.number(row.getDouble("min" + i)))
                        .put("max", Values.number(row.getDouble("max" + i)));
            case LAST -> new JsonObject().put("last", Values.value(column.type(), row, "last" + i));
        };
    }
}
