package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Column;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the database itself remembers of the families: retention for the maintenance, every form by its fingerprint. */
final class FamilyRecords {
    private static final Logger LOG = LoggerFactory.getLogger(FamilyRecords.class);
    private static final String FAMILY = """
            INSERT INTO metric_family AS known (family, kind, title, retention, dictionary_of, dictionary_key, look_back,
                roll_up_every)
            VALUES ($1, $2, $3, make_interval(secs => $4), $5, $6, make_interval(secs => $7), make_interval(mins => $8))
            ON CONFLICT (family) DO UPDATE SET kind = excluded.kind, title = excluded.title,
                retention = excluded.retention, dictionary_of = excluded.dictionary_of,
                dictionary_key = excluded.dictionary_key, look_back = excluded.look_back,
                roll_up_every = excluded.roll_up_every, declared_at = now()
            WHERE (known.kind, known.title, known.retention, known.dictionary_of, known.dictionary_key,
                   known.look_back, known.roll_up_every)
                IS DISTINCT FROM (excluded.kind, excluded.title, excluded.retention, excluded.dictionary_of,
                                  excluded.dictionary_key, excluded.look_back, excluded.roll_up_every)
            """;
    private static final String SCHEMA = """
            INSERT INTO family_schema (family, fingerprint, column_names, column_types, column_roles)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
            """;
    private static final String KEPT = """
            SELECT family, kind = 'dictionary' AS dictionary, extract(epoch FROM retention)::float8 AS seconds
            FROM metric_family ORDER BY family
            """;

    private static final String DECLARED = """
            SELECT family, kind, title, extract(epoch FROM retention)::float8 AS seconds,
                   extract(epoch FROM look_back)::float8 AS look_back, dictionary_of, dictionary_key,
                   roll_up_every IS NOT NULL AS rolled_up, column_names, column_types, column_roles
            FROM metric_family JOIN family_schema USING (family)
            ORDER BY family, family_schema.declared_at, fingerprint
            """;
    private static final String STAMP = """
            SELECT (SELECT count(*) FROM family_schema) || ' ' || (
                SELECT coalesce(sum(hashtextextended(
                    concat_ws(' ', family, kind, retention, dictionary_of, dictionary_key, roll_up_every IS NULL), 0)), 0)
                FROM metric_family)
            """;

    private FamilyRecords() {}

    /** A family whose table is to be kept in order, declared today or not. */
    record Kept(String family, boolean dictionary, Duration retention) {}

    static Future<Void> remember(SqlClient client, MetricFamily family) {
        var schema = family.schema();
        return client.preparedQuery(FAMILY)
                .execute(Tuple.tuple(Arrays.asList(
                        family.name(),
                        family.kind().name().toLowerCase(Locale.ROOT),
                        family.title(),
                        family.retention().toMillis() / 1000.0,
                        family.dictionaryOf(),
                        family.dictionaryKey(),
                        (double) family.lookBack().toSeconds(),
                        family.rollsUp() ? Math.toIntExact(family.rollUpEvery().toMinutes()) : null)))
                .compose(known -> client.preparedQuery(SCHEMA)
                        .execute(Tuple.tuple()
                                .addString(schema.family())
                                .addLong(schema.fingerprint())
                                .addArrayOfString(texts(schema.columns(), Column::name))
                                .addArrayOfString(texts(
                                        schema.columns(),
                                        column -> column.type().sqlName()))
                                .addArrayOfString(texts(
                                        schema.columns(),
                                        column -> column.role().declaredName()))))
                .mapEmpty();
    }

    /**
     * Every family that any server declared, with the columns of all its forms. Of what an agent needs nothing is known
     * here, the interval least of all: it is how far back the sample before may lie.
     */
    static Future<List<MetricFamily>> declared(SqlClient client) {
        return client.query(DECLARED).execute().map(rows -> {
            var columns = new LinkedHashMap<String, Map<String, Column>>();
            var last = new LinkedHashMap<String, Row>();
            for (var row : rows) {
                last.put(row.getString("family"), row);
                var sofar = columns.computeIfAbsent(row.getString("family"), first -> new LinkedHashMap<>());
                FamilySchema.known(
                                row.getArrayOfStrings("column_names"),
                                row.getArrayOfStrings("column_types"),
                                row.getArrayOfStrings("column_roles"))
                        .forEach(column -> sofar.put(column.name(), column));
            }
            return last.values().stream()
                    .flatMap(row ->
                            known(row, columns.get(row.getString("family")).values()).stream())
                    .toList();
        });
    }

    /** Empty for one that a newer version declared in a way that this one does not know. */
    private static Optional<MetricFamily> known(Row row, Collection<Column> columns) {
        try {
            return Optional.of(declared(row, List.copyOf(columns)));
        } catch (IllegalArgumentException | FaultException unknown) {
            LOG.warn("family {} cannot be stored here: {}", row.getString("family"), unknown.getMessage());
            return Optional.empty();
        }
    }

    private static MetricFamily declared(Row row, List<Column> columns) {
        return new MetricFamily(
                FamilySchema.of(row.getString("family"), columns),
                row.getString("title"),
                MetricFamily.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                MetricFamily.Scope.CLUSTER,
                seconds(row, "look_back"),
                seconds(row, "seconds"),
                List.of(),
                row.getString("dictionary_of"),
                row.getString("dictionary_key"),
                MetricFamily.Reading.USUAL,
                row.getBoolean("rolled_up"),
                OptionalInt.empty());
    }

    private static Duration seconds(Row row, String column) {
        return Duration.ofMillis(Math.round(row.getDouble(column) * 1_000));
    }

    /** Another one whenever anything of {@link #declared} is another that {@code FamilyWatch} minds. */
    static Future<String> stamp(SqlClient client) {
        return client.query(STAMP).execute().map(rows -> rows.iterator().next().getString(0));
    }

    static Future<List<Kept>> all(SqlClient client) {
        return client.query(KEPT)
                .execute()
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new Kept(
                                row.getString("family"), row.getBoolean("dictionary"), seconds(row, "seconds")))
                        .toList());
    }

    private static String[] texts(List<Column> columns, Function<Column, String> text) {
        return columns.stream().map(text).toArray(String[]::new);
    }
}
