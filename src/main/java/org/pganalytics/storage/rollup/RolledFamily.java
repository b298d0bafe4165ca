package org.pganalytics.storage.rollup;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.GatheringSql;

/**
 * A family with roll-ups as the database knows it, whichever server declared it.
 *
 * @param columns those of all its declarations, as the latest has them
 * @param lookBack how far back the sample before may lie
 * @param everyMinutes so many minutes are rolled up at once
 * @param minutesFrom when those by the minute begin that were not dropped; {@link Instant#MIN} while none was
 * @param tens whether its tables have one by ten minutes; not those that a server of the version before has made
 */
record RolledFamily(
        String name, List<Column> columns, Duration lookBack, int everyMinutes, Instant minutesFrom, boolean tens) {
    private static final String ALL = """
            SELECT family, extract(epoch FROM look_back)::int8 AS look_back, tens_from IS NOT NULL AS tens,
                   (extract(epoch FROM roll_up_every) / 60)::int4 AS every, minutes_from,
                   column_names, column_types, column_roles
            FROM metric_family JOIN family_schema USING (family)
            WHERE roll_up_every IS NOT NULL
            ORDER BY family, family_schema.declared_at, fingerprint
            """;

    RolledFamily {
        columns = List.copyOf(columns);
    }

    static Future<List<RolledFamily>> all(SqlClient client) {
        return client.query(ALL).execute().map(RolledFamily::families);
    }

    /** Its name needs no quotes by the rules of {@code model.Names}. */
    String table() {
        return "metrics." + name;
    }

    GatheringSql gathering() {
        return GatheringSql.of(
                columns,
                columns.stream()
                        .filter(column -> column.role() != ColumnRole.KEY)
                        .toList());
    }

    Optional<Column> column(String wanted) {
        return columns.stream().filter(column -> column.name().equals(wanted)).findFirst();
    }

    private static List<RolledFamily> families(RowSet<Row> rows) {
        var columns = new LinkedHashMap<String, Map<String, Column>>();
        var last = new LinkedHashMap<String, Row>();
        for (var row : rows) {
            var name = row.getString("family");
            last.put(name, row);
            columns(row)
                    .forEach(column -> columns.computeIfAbsent(name, first -> new LinkedHashMap<>())
                            .put(column.name(), column));
        }
        var families = new ArrayList<RolledFamily>();
        last.forEach((name, row) -> families.add(new RolledFamily(
                name,
                List.copyOf(columns.getOrDefault(name, Map.of()).values()),
                Duration.ofSeconds(row.getLong("look_back")),
                Math.max(1, row.getInteger("every")),
                minutesFrom(row),
                row.getBoolean("tens"))));
        return families;
    }

    private static Instant minutesFrom(Row row) {
        var from = row.getOffsetDateTime("minutes_from");
        return from == null ? Instant.MIN : from.toInstant();
    }

    private static List<Column> columns(Row row) {
        return FamilySchema.known(
                row.getArrayOfStrings("column_names"),
                row.getArrayOfStrings("column_types"),
                row.getArrayOfStrings("column_roles"));
    }
}
