package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** One connection to one database of a target: read-only, with its time limits, and what the server is. */
final class TargetSession {
    private static final String SETTINGS = "SELECT set_config('default_transaction_read_only', 'on', false),"
            + " set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
            + " set_config('application_name', 'pganalytics collector', false),"
            + " set_config('search_path', 'pg_catalog', false), current_setting('server_version_num')::int4";
    private static final String EXTENSIONS = "SELECT e.extname::text, pg_catalog.quote_ident(n.nspname)"
            + " FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace";
    private static final long FACTS_LAST_NANOS = Duration.ofMinutes(1).toNanos();

    private final SqlConnection connection;
    private final Map<String, String> schemaByExtension = new HashMap<>();
    private int versionNumber;
    private long factsAtNanos;

    private TargetSession(SqlConnection connection) {
        this.connection = connection;
    }

    static Future<TargetSession> open(SqlConnection connection, TargetConfig config) {
        var session = new TargetSession(connection);
        var limits = Tuple.of(
                String.valueOf(config.statementTimeout().toMillis()),
                String.valueOf(config.lockTimeout().toMillis()));
        return connection
                .preparedQuery(SETTINGS)
                .execute(limits)
                .onSuccess(
                        rows -> session.versionNumber = rows.iterator().next().getInteger(5))
                .compose(rows -> session.readFacts());
    }

    private Future<TargetSession> readFacts() {
        return connection.preparedQuery(EXTENSIONS).execute().compose(rows -> {
            schemaByExtension.clear();
            rows.forEach(row -> schemaByExtension.put(row.getString(0), row.getString(1)));
            factsAtNanos = System.nanoTime();
            // pg_catalog comes first, so that nobody's function is taken for a built-in one.
            var path = schemaByExtension.getOrDefault("pg_stat_statements", "");
            return connection
                    .preparedQuery("SELECT set_config('search_path', $1, false)")
                    .execute(Tuple.of(path.isEmpty() ? "pg_catalog" : "pg_catalog, " + path))
                    .map(this);
        });
    }

    /** Looks again at what may have changed, when the last look was long ago. */
    Future<TargetSession> fresh() {
        return System.nanoTime() - factsAtNanos < FACTS_LAST_NANOS ? Future.succeededFuture(this) : readFacts();
    }

    int major() {
        return versionNumber / 10_000;
    }

    int versionNumber() {
        return versionNumber;
    }

    boolean has(String extension) {
        return extension == null || schemaByExtension.containsKey(extension);
    }

    Future<RowSet<Row>> query(String sql, Tuple parameters) {
        return connection.preparedQuery(sql).execute(parameters);
    }
}
