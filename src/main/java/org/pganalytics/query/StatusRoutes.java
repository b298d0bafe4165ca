package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Operations;

/** How collecting goes, over HTTP: the database's part, and what this server says of itself. */
public final class StatusRoutes {
    private static final String COLLECTORS = """
            SELECT count(*) FILTER (WHERE revoked_at IS NULL) AS active,
                   count(*) FILTER (WHERE revoked_at IS NULL AND last_seen_at > now() - interval '1 minute') AS lately,
                   count(*) FILTER (WHERE revoked_at IS NULL AND last_seen_at IS NULL) AS never,
                   count(*) FILTER (WHERE revoked_at IS NOT NULL) AS revoked
            FROM collector
            """;
    private static final String BEHIND = """
            SELECT collector_id, name, last_seen_at,
                   greatest(extract(epoch FROM now() - last_seen_at), 0)::float8 AS lag
            FROM collector WHERE revoked_at IS NULL AND last_seen_at IS NOT NULL
            ORDER BY last_seen_at, collector_id LIMIT 100
            """;
    private static final String LOSSES = """
            SELECT l.collector_id, c.name, l.reason, sum(l.batches)::int8 AS batches, sum(l.rows)::int8 AS rows,
                   max(l.declared_at) AS last
            FROM loss l LEFT JOIN collector c USING (collector_id)
            WHERE l.declared_at > now() - interval '24 hours'
            GROUP BY l.collector_id, c.name, l.reason ORDER BY sum(l.rows) DESC, l.collector_id, l.reason LIMIT 100
            """;
    private static final String QUARANTINE = """
            SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
                   coalesce(sum(body_bytes) FILTER (WHERE body IS NOT NULL), 0)::int8 AS bytes
            FROM quarantine
            """;

    private final Reader reader;
    private final Supplier<JsonObject> server;
    private final Supplier<Future<JsonObject>> database;
    private final Clock clock;

    /**
     * @param server what this one settled over the last minute, as the contract has it
     * @param database how safe rows are there, likewise; never fails
     */
    public StatusRoutes(
            Pool pool,
            QueryConfig config,
            Supplier<JsonObject> server,
            Supplier<Future<JsonObject>> database,
            Clock clock) {
        this.reader = new Reader(pool, config);
        this.server = server;
        this.database = database;
        this.clock = clock;
    }

    public void mount(Operations operations) {
        operations.on("ingestStatus", this::status);
    }

    private Future<Answer> status(Call call) {
        var status = new JsonObject().put("at", clock.instant().toString()).put("server", server.get());
        // One after the other: one reader takes one connection.
        return database.get()
                .onSuccess(found -> status.put("database", found))
                .compose(next -> one(COLLECTORS, StatusRoutes::collectors))
                .onSuccess(found -> status.put("collectors", found))
                .compose(next -> many(BEHIND, StatusRoutes::behind))
                .onSuccess(found -> status.put("behind", found))
                .compose(next -> many(LOSSES, StatusRoutes::loss))
                .onSuccess(found -> status.put("losses", found))
                .compose(next -> one(QUARANTINE, StatusRoutes::quarantine))
                .map(found -> Answer.ok(status.put("quarantine", found)));
    }

    private Future<JsonObject> one(String sql, Function<Row, JsonObject> json) {
        return reader.read(sql, Tuple.tuple())
                .map(rows -> json.apply(rows.iterator().next()));
    }

    private Future<JsonArray> many(String sql, Function<Row, JsonObject> json) {
        return reader.read(sql, Tuple.tuple()).map(rows -> array(rows, json));
    }

    private static JsonArray array(RowSet<Row> rows, Function<Row, JsonObject> json) {
        var array = new JsonArray();
        rows.forEach(row -> array.add(json.apply(row)));
        return array;
    }

    private static JsonObject collectors(Row row) {
        return new JsonObject()
                .put("active", whole(row, "active"))
                .put("seen_in_last_minute", whole(row, "lately"))
                .put("never_seen", whole(row, "never"))
                .put("revoked", whole(row, "revoked"));
    }

    private static JsonObject behind(Row row) {
        return new JsonObject()
                .put("collector_id", row.getUUID("collector_id").toString())
                .put("name", row.getString("name"))
                .put("last_seen_at", time(row, "last_seen_at"))
                .put("lag_seconds", row.getDouble("lag"));
    }

    private static JsonObject loss(Row row) {
        return new JsonObject()
                .put("collector_id", row.getUUID("collector_id").toString())
                .put("name", row.getString("name"))
                .put("reason", row.getString("reason"))
                .put("batches", whole(row, "batches"))
                .put("rows", whole(row, "rows"))
                .put("last_declared_at", time(row, "last"));
    }

    private static JsonObject quarantine(Row row) {
        return new JsonObject().put("waiting", whole(row, "waiting")).put("body_bytes", whole(row, "bytes"));
    }

    private static String whole(Row row, String column) {
        return row.getLong(column).toString();
    }

    private static String time(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant().toString();
    }
}
