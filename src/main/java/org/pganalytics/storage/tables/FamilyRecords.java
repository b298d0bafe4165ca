package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.pganalytics.model.Column;
import org.pganalytics.model.MetricFamily;

/** What the database itself remembers of the families: retention for the maintenance, every form by its fingerprint. */
final class FamilyRecords {
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

    static Future<List<Kept>> all(SqlClient client) {
        return client.query(KEPT)
                .execute()
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row ->
                                new Kept(row.getString("family"), row.getBoolean("dictionary"), Duration.ofMillis((long)
                                        (row.getDouble("seconds") * 1000))))
                        .toList());
    }

    private static String[] texts(List<Column> columns, Function<Column, String> text) {
        return columns.stream().map(text).toArray(String[]::new);
    }
}
