package org.pganalytics.audit.report;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A report.
 *
 * @param columns their names
 * @param rows with a value for each column: text, a number, a truth value, or null
 */
public record ReportTable(List<String> columns, List<List<Object>> rows) {
    /** Longer ones are asked for by shorter periods. */
    public static final int ROWS_MAX = 20_000;

    private static final String BEGINS_A_FORMULA = "=+-@\t\r";
    private static final String QUOTED = ",\"\r\n";

    public ReportTable {
        columns = List.copyOf(columns);
        rows = rows.stream().map(Collections::unmodifiableList).toList();
        for (var row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException("%d values for %d columns".formatted(row.size(), columns.size()));
            }
        }
    }

    /** An object a row. */
    public JsonArray json() {
        var array = new JsonArray();
        for (var row : rows) {
            var object = new JsonObject();
            for (int column = 0; column < columns.size(); column++) {
                object.put(columns.get(column), row.get(column));
            }
            array.add(object);
        }
        return array;
    }

    /** As of RFC 4180, the names first. Text that a spreadsheet would take for a formula has a ' before it. */
    public String csv() {
        var text = new StringBuilder(line(Collections.unmodifiableList(columns)));
        rows.forEach(row -> text.append(line(row)));
        return text.toString();
    }

    private static String line(List<?> cells) {
        return cells.stream().map(ReportTable::cell).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String cell(Object value) {
        if (value == null) {
            return "";
        }
        var text = value.toString();
        if (value instanceof String && !text.isEmpty() && BEGINS_A_FORMULA.indexOf(text.charAt(0)) >= 0) {
            text = "'" + text;
        }
        return text.chars().anyMatch(c -> QUOTED.indexOf(c) >= 0) ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
