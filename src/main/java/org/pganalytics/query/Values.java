package org.pganalytics.query;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.List;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnType;

/** Values of columns as the contract has them in JSON. */
final class Values {
    private Values() {}

    /** Adds the value that stands in a row. @return about how many bytes its text is long */
    static int put(JsonObject json, Column column, Row row, String at) {
        var value = value(column.type(), row, at);
        json.put(column.name(), value);
        return column.type() == ColumnType.TEXT && value != null ? ((String) value).length() : 0;
    }

    static int put(JsonObject json, List<Column> columns, Row row) {
        int bytes = 0;
        for (var column : columns) {
            bytes += put(json, column, row, column.name());
        }
        return bytes;
    }

    /** A 64-bit number is text: a JavaScript reader would round it. */
    static Object value(ColumnType type, Row row, String at) {
        if (row.getValue(at) == null) {
            return null;
        }
        return switch (type) {
            case BOOL -> row.getBoolean(at);
            case INT4 -> row.getInteger(at);
            case INT8 -> row.getLong(at).toString();
            case FLOAT8 -> number(row.getDouble(at));
            case TEXT -> row.getString(at);
            case TIMESTAMPTZ -> row.getOffsetDateTime(at).toInstant().toString();
        };
    }

    /** What JSON has no number for is text. */
    static Object number(Double value) {
        return value == null || Double.isFinite(value) ? value : value.toString();
    }
}
