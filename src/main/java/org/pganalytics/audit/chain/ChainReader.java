package org.pganalytics.audit.chain;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads a chain from the database, as it is at one moment, and hands it on in order. */
public final class ChainReader {
    private static final int PAGE = 2_000;
    private static final String HEAD = "SELECT " + EventRows.CHECKPOINT_COLUMNS
            + " FROM audit_checkpoint c WHERE kind <> 'seal' ORDER BY kind, position";
    private static final String CHECKPOINTS = "SELECT " + EventRows.CHECKPOINT_COLUMNS
            + " FROM audit_checkpoint c WHERE kind = 'seal' AND position > $1 AND position <= $2 ORDER BY position";
    private static final String EVENTS =
            "SELECT s.position, s.event_id, s.hash, " + EventRows.COLUMNS + """
             FROM (SELECT * FROM audit_seal WHERE position > $1 ORDER BY position LIMIT %d) s
            LEFT JOIN LATERAL (SELECT * FROM audit_event WHERE id = s.event_id OFFSET 0) e ON true
            ORDER BY s.position
            """.formatted(PAGE);
    private static final String LOOSE =
            "SELECT e.id AS event_id, u.event_id IS NOT NULL AS queued, " + EventRows.COLUMNS
                    + " FROM audit_event e LEFT JOIN audit_unsealed u ON u.event_id = e.id"
                    + " WHERE e.id > $1 AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.event_id = e.id)"
                    + " AND (e.hmac IS NOT NULL OR e.id > $2) ORDER BY e.id LIMIT " + PAGE;
    private static final String GONE = "SELECT event_id FROM audit_unsealed u"
            + " WHERE NOT EXISTS (SELECT FROM audit_event e WHERE e.id = u.event_id) ORDER BY event_id LIMIT " + PAGE;
    private static final String BEFORE = "SELECT count(*) FROM audit_event e WHERE e.hmac IS NULL AND e.id <= $1"
            + " AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.event_id = e.id)";

    private final Vertx vertx;
    private final SqlConnection connection;
    private final Consumer<ChainItem> sink;
    private long beforeId = Long.MAX_VALUE;

    private ChainReader(Vertx vertx, SqlConnection connection, Consumer<ChainItem> sink) {
        this.vertx = vertx;
        this.connection = connection;
        this.sink = sink;
    }

    /** @param sink called by one worker at a time, in order */
    static Future<Void> read(Vertx vertx, SqlConnection connection, Consumer<ChainItem> sink) {
        var reader = new ChainReader(vertx, connection, sink);
        return connection
                .query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .execute()
                .compose(begun ->
                        connection.query("SET LOCAL statement_timeout = 0").execute())
                .compose(patient -> reader.head())
                .compose(begun -> reader.events())
                .compose(followed -> reader.loose())
                .compose(found -> reader.rest())
                .eventually(() -> connection.query("ROLLBACK").execute());
    }

    private Future<Void> head() {
        return connection.query(HEAD).execute().compose(rows -> {
            var head = new ArrayList<ChainItem>();
            rows.forEach(row -> {
                var checkpoint = EventRows.checkpoint(row);
                beforeId = checkpoint.kind() == Checkpoint.Kind.BEGIN ? checkpoint.beforeId() : beforeId;
                head.add(new ChainItem.Signed(checkpoint));
            });
            return hand(head);
        });
    }

    /** Page after page without one future inside the other: a chain may have thousands of pages. */
    private Future<Void> events() {
        var done = Promise.<Void>promise();
        events(0, -1, done);
        return done.future();
    }

    private void events(long after, long checkpointsAfter, Promise<Void> done) {
        connection
                .preparedQuery(EVENTS)
                .execute(Tuple.of(after))
                .compose(rows -> page(rows, checkpointsAfter))
                .onFailure(done::fail)
                .onSuccess(to -> {
                    if (to == Long.MAX_VALUE) {
                        done.complete();
                    } else {
                        events(to, to, done);
                    }
                });
    }

    private Future<Long> page(RowSet<Row> rows, long checkpointsAfter) {
        var placed = new ArrayList<ChainItem.Sealed>();
        rows.forEach(row -> placed.add(new ChainItem.Sealed(
                row.getLong("position"), row.getLong("event_id"), EventRows.bytes(row, "hash"), EventRows.event(row))));
        long to = rows.size() < PAGE
                ? Long.MAX_VALUE
                : placed.get(placed.size() - 1).position();
        return connection
                .preparedQuery(CHECKPOINTS)
                .execute(Tuple.of(checkpointsAfter, to))
                .compose(checkpoints -> hand(merged(placed, checkpoints)))
                .map(to);
    }

    private static List<ChainItem> merged(List<ChainItem.Sealed> placed, RowSet<Row> rows) {
        var merged = new ArrayList<ChainItem>();
        int next = 0;
        for (var row : rows) {
            var checkpoint = EventRows.checkpoint(row);
            while (next < placed.size() && placed.get(next).position() <= checkpoint.position()) {
                merged.add(placed.get(next++));
            }
            merged.add(new ChainItem.Signed(checkpoint));
        }
        merged.addAll(placed.subList(next, placed.size()));
        return merged;
    }

    private Future<Void> loose() {
        var done = Promise.<Void>promise();
        loose(0, done);
        return done.future();
    }

    private void loose(long after, Promise<Void> done) {
        connection
                .preparedQuery(LOOSE)
                .execute(Tuple.of(after, beforeId))
                .compose(rows -> {
                    var loose = new ArrayList<ChainItem.Loose>();
                    rows.forEach(row -> loose.add(new ChainItem.Loose(
                            row.getLong("event_id"), EventRows.event(row), row.getBoolean("queued"))));
                    return hand(loose).map(loose);
                })
                .onFailure(done::fail)
                .onSuccess(page -> {
                    if (page.size() < PAGE) {
                        done.complete();
                    } else {
                        loose(page.get(page.size() - 1).eventId(), done);
                    }
                });
    }

    private Future<Void> rest() {
        return connection.query(GONE).execute().compose(gone -> {
            var rest = new ArrayList<ChainItem>();
            gone.forEach(row -> rest.add(new ChainItem.Loose(row.getLong(0), null, true)));
            return connection.preparedQuery(BEFORE).execute(Tuple.of(beforeId)).compose(rows -> {
                rest.add(new ChainItem.Before(rows.iterator().next().getLong(0)));
                return hand(rest);
            });
        });
    }

    private Future<Void> hand(List<? extends ChainItem> items) {
        return vertx.executeBlocking(() -> {
            items.forEach(sink);
            return null;
        });
    }
}
