package org.pganalytics.collector;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.sqlclient.Cursor;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** One connection to one database of a target: read-only, with its time limits, and what the server is. */
final class TargetSession {
    /** As a number: as text it is another one in each database that has a time zone of its own. */
    private static final String SERVER = "SELECT current_setting('server_version_num')::int4,"
            + " extract(epoch FROM pg_postmaster_start_time())::text";

    private static final String EXTENSIONS = "SELECT e.extname::text, pg_catalog.quote_ident(n.nspname)"
            + " FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace";
    private static final long FACTS_LAST_NANOS = Duration.ofMinutes(1).toNanos();

    private static final int ROWS_AT_ONCE = 1_000;

    private final SqlConnection connection;
    private final Map<String, String> schemaByExtension = new HashMap<>();
    private int versionNumber;
    private String startedAt;
    private Watch watch;
    private long factsAtNanos;

    private TargetSession(SqlConnection connection) {
        this.connection = connection;
    }

    static Future<TargetSession> open(SqlConnection connection) {
        var session = new TargetSession(connection);
        return connection.preparedQuery(SERVER).execute().compose(rows -> {
            var server = rows.iterator().next();
            session.versionNumber = server.getInteger(0);
            session.startedAt = server.getString(1);
            return session.readFacts();
        });
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

    /** Tells the watch of whoever uses it now that it moves. */
    TargetSession watchedBy(Watch presentOne) {
        watch = presentOne;
        return this;
    }

    /** It is not used any more. */
    void giveBack() {
        connection.close();
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

    /** Tells one run of a server from the next, and from another server behind the same address. */
    String run() {
        return versionNumber + " since " + startedAt;
    }

    boolean has(String extension) {
        return extension == null || schemaByExtension.containsKey(extension);
    }

    /**
     * Reads a family's rows, some at a time, in a transaction that cannot write whatever the SQL says. The first rows are
     * asked for along with its beginning: one turn less to the target and back.
     *
     * @param take given each part, none of more than 1,000 rows
     */
    Future<Void> read(String sql, Tuple parameters, Consumer<RowSet<Row>> take) {
        var begun = connection.query("BEGIN READ ONLY").execute();
        var rows = connection.prepare(sql).compose(prepared -> readOn(prepared.cursor(parameters), take));
        return Future.join(begun, rows).<Void>mapEmpty().transform(read -> end(read));
    }

    private Future<Void> readOn(Cursor cursor, Consumer<RowSet<Row>> take) {
        return cursor.read(ROWS_AT_ONCE).compose(rows -> {
            watch.moved();
            take.accept(rows);
            return cursor.hasMore() ? readOn(cursor, take) : Future.succeededFuture();
        });
    }

    /** What went wrong with the reading is told, not what then went wrong with its end. */
    private Future<Void> end(AsyncResult<Void> read) {
        var ended = connection.query(read.succeeded() ? "COMMIT" : "ROLLBACK").execute();
        return read.succeeded() ? ended.mapEmpty() : ended.transform(done -> Future.failedFuture(read.cause()));
    }

    Future<RowSet<Row>> query(String sql, Tuple parameters) {
        return connection.preparedQuery(sql).execute(parameters);
    }
}
