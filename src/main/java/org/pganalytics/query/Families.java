package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Column;
import org.pganalytics.model.FamilySchema;

/** The metric families that the database has tables of. */
final class Families {
    private static final String ALL = """
            SELECT family, kind, title, extract(epoch FROM retention)::int8 AS retention, dictionary_of, dictionary_key,
                   roll_up_every IS NOT NULL AS rolled_up, extract(epoch FROM look_back)::int8 AS look_back,
                   column_names, column_types, column_roles,
                   EXISTS (SELECT FROM target WHERE target_id = $2) AS target_known
            FROM metric_family JOIN family_schema USING (family)
            WHERE $1::text IS NULL OR family = $1 OR dictionary_of = $1
            ORDER BY family, family_schema.declared_at, fingerprint
            """;

    private final Reader reader;

    Families(Reader reader) {
        this.reader = reader;
    }

    Future<List<Family>> all() {
        return reader.read(ALL, Tuple.of((String) null, (Integer) null)).map(Families::families);
    }

    /** A family, and the dictionary that has texts for its rows. */
    record Explained(Family family, Optional<Family> dictionary) {}

    /** Fails with NOT_FOUND. */
    Future<Family> find(String name) {
        return reader.read(ALL, Tuple.of(name, (Integer) null))
                .map(rows -> explained(name, rows).family());
    }

    /** Fails with NOT_FOUND when there is none, or no such target. */
    Future<Explained> find(String name, int target) {
        return reader.read(ALL, Tuple.of(name, target)).map(rows -> {
            var found = explained(name, rows);
            if (!rows.iterator().next().getBoolean("target_known")) {
                throw Fault.NOT_FOUND.because("there is no target %d; /api/v1/targets lists them".formatted(target));
            }
            return found;
        });
    }

    private static Explained explained(String name, RowSet<Row> rows) {
        var found = families(rows);
        var family = found.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        Fault.NOT_FOUND.because("there is no family %s; /api/v1/families lists them".formatted(name)));
        return new Explained(
                family,
                found.stream().filter(one -> name.equals(one.dictionaryOf())).findFirst());
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

    private static List<Column> columns(Row row) {
        return FamilySchema.known(
                row.getArrayOfStrings("column_names"),
                row.getArrayOfStrings("column_types"),
                row.getArrayOfStrings("column_roles"));
    }
}
