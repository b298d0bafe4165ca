package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;

/** The metric families that the database has tables of. */
final class Families {
    private static final String ALL = """
            SELECT family, kind, title, extract(epoch FROM retention)::int8 AS retention, dictionary_of, dictionary_key,
                   roll_up_every IS NOT NULL AS rolled_up, extract(epoch FROM look_back)::int8 AS look_back,
                   column_names, column_types, column_roles
            FROM metric_family JOIN family_schema USING (family)
            WHERE $1::text IS NULL OR family = $1
            ORDER BY family, family_schema.declared_at, fingerprint
            """;

    private static final String EXPLAINING =
            "SELECT family FROM metric_family WHERE kind = 'dictionary' AND dictionary_of = $1 ORDER BY family LIMIT 1";

    private final Reader reader;

    Families(Reader reader) {
        this.reader = reader;
    }

    Future<List<Family>> all() {
        return reader.read(ALL, Tuple.of((String) null)).map(Families::families);
    }

    /** Fails with NOT_FOUND. */
    Future<Family> find(String name) {
        return reader.read(ALL, Tuple.of(name))
                .map(Families::families)
                .map(found -> found.stream()
                        .findFirst()
                        .orElseThrow(() -> Fault.NOT_FOUND.because(
                                "there is no family %s; /api/v1/families lists them".formatted(name))));
    }

    /** The dictionary that has texts for a family's rows. */
    Future<Optional<Family>> explaining(Family family) {
        return reader.read(EXPLAINING, Tuple.of(family.name()))
                .compose(rows -> rows.size() == 0
                        ? Future.succeededFuture(Optional.empty())
                        : find(rows.iterator().next().getString("family")).map(Optional::of));
    }

    private static List<Family> families(RowSet<Row> rows) {
        var columns = new LinkedHashMap<String, Map<String, Column>>();
        var last = new LinkedHashMap<String, Row>();
        for (var row : rows) {
            var family = row.getString("family");
            last.put(family, row);
            columns(row)
                    .forEach(column -> columns.computeIfAbsent(family, first -> new LinkedHashMap<>())
                            .put(column.name(), column));
        }
        return last.entrySet().stream()
                .map(entry -> family(entry.getValue(), columns.get(entry.getKey())))
                .toList();
    }

    private static Family family(Row row, Map<String, Column> columns) {
        return new Family(
                row.getString("family"),
                row.getString("kind").equals("dictionary"),
                row.getString("title"),
                row.getLong("retention"),
                new Family.RollingUp(row.getBoolean("rolled_up"), row.getLong("look_back")),
                row.getString("dictionary_of"),
                row.getString("dictionary_key"),
                List.copyOf(columns.values()));
    }

    /** What a later version of the server has added is left out. */
    private static List<Column> columns(Row row) {
        var names = row.getArrayOfStrings("column_names");
        var types = row.getArrayOfStrings("column_types");
        var roles = row.getArrayOfStrings("column_roles");
        var columns = new ArrayList<Column>();
        for (int i = 0; i < names.length; i++) {
            var type = ColumnType.ofSqlName(types[i]);
            var role = ColumnRole.ofDeclaredName(roles[i]);
            if (type.isPresent() && role.isPresent()) {
                columns.add(new Column(names[i], type.get(), role.get()));
            }
        }
        return columns;
    }
}
