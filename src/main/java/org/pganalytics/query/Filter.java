package org.pganalytics.query;

import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Predicate;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnType;

/** Only rows with this value. @param value of the column's type */
record Filter(Column column, Object value) {
    private static final List<ColumnType> TYPES =
            List.of(ColumnType.BOOL, ColumnType.INT4, ColumnType.INT8, ColumnType.TEXT);

    /**
     * Reads {@code column=value}. Fails with BAD_REQUEST.
     *
     * @param allowed by which columns may be filtered, besides what their type allows
     */
    static Filter of(String text, Family family, Predicate<Column> allowed) {
        int equals = text.indexOf('=');
        var name = equals < 0 ? text : text.substring(0, equals);
        var column = family.column(name)
                .filter(found -> equals > 0 && TYPES.contains(found.type()) && allowed.test(found))
                .orElseThrow(() -> Fault.BAD_REQUEST.because(
                        "query parameter 'filter' must be column=value; here the column may be %s"
                                .formatted(names(family, allowed))));
        return new Filter(column, value(column, text.substring(equals + 1)));
    }

    private static List<String> names(Family family, Predicate<Column> allowed) {
        return family.columns().stream()
                .filter(column -> TYPES.contains(column.type()) && allowed.test(column))
                .map(Column::name)
                .toList();
    }

    private static Object value(Column column, String text) {
        try {
            return switch (column.type()) {
                case INT4 -> Integer.valueOf(text);
                case INT8 -> Long.valueOf(text);
                case BOOL -> flag(text);
                default -> text;
            };
        } catch (NumberFormatException odd) {
            throw Fault.BAD_REQUEST.because("query parameter 'filter': the value of %s must be %s"
                    .formatted(column.name(), column.type() == ColumnType.BOOL ? "true or false" : "a whole number"));
        }
    }

    private static Boolean flag(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new NumberFormatException();
        }
        return Boolean.valueOf(text);
    }

    /** The condition in SQL; adds the value to those bound. */
    String sql(Tuple values) {
        return "%s = $%d".formatted(Sql.quote(column), values.addValue(value).size());
    }
}
