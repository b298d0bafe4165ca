package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** What PostgreSQL's catalog says of our tables. */
final class TableCatalog {
    private static final String COLUMNS = """
            SELECT c.relkind::text AS kind, a.attname AS name, t.typname AS type
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
            WHERE c.oid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
            """;
    private static final String HYPERTABLE = """
            SELECT count(*) > 0 FROM timescaledb_information.hypertables
            WHERE hypertable_schema = 'metrics' AND hypertable_name = $1
            """;
    private static final String COLUMNSTORE = """
            SELECT compression_enabled AS enabled,
                   EXISTS (SELECT FROM pg_settings WHERE name = 'timescaledb.enable_direct_compress_copy') AS direct
            FROM timescaledb_information.hypertables
            WHERE hypertable_schema = 'metrics' AND hypertable_name = $1
            """;
    private static final String PARTITIONS = """
            SELECT p.relname AS name FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid
            WHERE i.inhparent = to_regclass($1) AND p.relname ~ ('^' || $2 || '_p[0-9]{8}$') ORDER BY 1
            """;

    private TableCatalog() {}

    /** @param kind of pg_class: {@code r} plain, {@code p} partitioned @param types of columns by name */
    record Found(String kind, Map<String, String> types) {}

    /** @param enabled for this table @param direct whether the database can write a COPY as columns at once */
    record Columns(boolean enabled, boolean direct) {}

    static Future<Optional<Found>> table(SqlClient client, String family) {
        return table(client, "metrics", family);
    }

    static Future<Optional<Found>> table(SqlClient client, String schema, String family) {
        return client.preparedQuery(COLUMNS)
                .execute(Tuple.of(schema + "." + family))
                .map(rows -> {
                    var types = new HashMap<String, String>();
                    String kind = "";
                    for (var row : rows) {
                        kind = row.getString("kind");
                        types.put(row.getString("name"), row.getString("type"));
                    }
                    return types.isEmpty() ? Optional.empty() : Optional.of(new Found(kind, types));
                });
    }

    /** @param table with its schema */
    static Future<Boolean> exists(SqlClient client, String table) {
        return client.preparedQuery("SELECT to_regclass($1) IS NOT NULL")
                .execute(Tuple.of(table))
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    /** @param table with its schema */
    static Future<Boolean> isPartitioned(SqlClient client, String table) {
        return client.preparedQuery("SELECT count(*) > 0 FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'p'")
                .execute(Tuple.of(table))
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    static Future<Boolean> isHypertable(SqlClient client, String family) {
        return client.preparedQuery(HYPERTABLE)
                .execute(Tuple.of(family))
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    /** A hypertable's columnstore, in the community edition. */
    static Future<Columns> columnstore(SqlClient client, String family) {
        return client.preparedQuery(COLUMNSTORE)
                .execute(Tuple.of(family))
                .map(rows -> rows.iterator().next())
                .map(row -> new Columns(row.getBoolean("enabled"), row.getBoolean("direct")));
    }

    /** The days with which partitions begin. */
    static Future<List<LocalDate>> partitions(SqlClient client, String schema, String family) {
        return client.preparedQuery(PARTITIONS)
                .execute(Tuple.of(schema + "." + family, family))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> row.getString("name"))
                        .map(name -> LocalDate.parse(
                                name.substring(name.length() - 8), java.time.format.DateTimeFormatter.BASIC_ISO_DATE))
                        .toList());
    }

    /** The database's own idea of now, so that servers with other clocks agree. */
    static Future<OffsetDateTime> now(SqlClient client) {
        return client.query("SELECT now()")
                .execute()
                .map(rows -> rows.iterator().next().getOffsetDateTime(0));
    }
}
