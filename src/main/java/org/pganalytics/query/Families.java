package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Column;
import org.pganalytics.model.FamilySchema;

/** The metric families that the database has tables of. */
final class Families {
    private static final String SELECT = """
            SELECT family, kind, title, extract(epoch FROM retention)::int8 AS retention, dictionary_of, dictionary_key,
                   roll_up_every IS NOT NULL AS rolled_up, extract(epoch FROM look_back)::int8 AS look_back,
                   column_names, column_types, column_roles%s
            FROM metric_family JOIN family_schema USING (family)
            WHERE %s
            ORDER BY family, family_schema.declared_at, fingerprint
            """;

    private static final String OF_NAME = "family = $1 OR dictionary_of = $1";
    private static final String ALL = SELECT.formatted("", "true");
    private static final String ONE = SELECT.formatted("", OF_NAME);

    /** With what a question about a target needs to know besides: one answer of the database, not three. */
    private static final String ONE_AND_TARGET = SELECT.formatted(
            ", EXISTS (SELECT FROM target WHERE target_id = $2) AS target_known, " + Settling.COLUMNS, OF_NAME);

    private final Reader reader;

    Families(Reader reader) {
        this.reader = reader;
    }

    Future<List<Family>> all() {
        return reader.read(ALL, Tuple.tuple()).map(Families::families);
    }

    /** A family, the dictionary that has texts for its rows, and from where a target's rows are read. */
    record Explained(Family family, Optional<Family> dictionary, Settling settling) {}

    /** Fails with NOT_FOUND. */
    Future<Family> find(String name) {
        return reader.read(ONE, Tuple.of(name)).map(rows -> named(name, families(rows)));
    }

    /** Fails with NOT_FOUND when there is none, or no such target. */
    Future<Explained> find(String name, int target) {
        return reader.read(ONE_AND_TARGET, Tuple.of(name, target)).map(rows -> {
            var found = families(rows);
            var family = named(name, found);
            if (!rows.iterator().next().getBoolean("target_known")) {
                throw Fault.NOT_FOUND.because("there is no target %d; /api/v1/targets lists them".formatted(target));
            }
            var dictionary = found.stream()
                    .filter(one -> name.equals(one.dictionaryOf()))
                    .findFirst();
            return new Explained(family, dictionary, settling(name, rows));
        });
    }

    private static Family named(String name, List<Family> found) {
        return found.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        Fault.NOT_FOUND.because("there is no family %s; /api/v1/families lists them".formatted(name)));
    }

    private static Settling settling(String name, RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .filter(row -> row.getString("family").equals(name))
                .findFirst()
                .map(Settling::of)
                .orElseThrow();
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
