package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.pganalytics.model.Seconds;

/** The side record of version 3 collectors: one row a collector, type and database. Safe to share between lanes. */
final class SecondsTable {
    /** In a transaction of its own, so that an absent row is never taken for a locked one. */
    private static final String ADD = """
            INSERT INTO v3_seconds (collector_id, type, database) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
            """;

    private static final String LOCK = """
            SELECT collector_id, type, database, s.ranges, s.lines
            FROM v3_seconds s
            JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS k(collector_id, type, database)
                USING (collector_id, type, database)
            ORDER BY collector_id, type, database
            FOR UPDATE OF s SKIP LOCKED
            """;
    private static final String UPDATE = """
            UPDATE v3_seconds SET ranges = $4, lines = $5, settled_at = now()
            WHERE collector_id = $1 AND type = $2 AND database = $3
            """;
    /** Rows known to be there; the least used are forgotten, which costs a look at the table. */
    private static final int KNOWN_MAX = 100_000;

    private final Pool pool;
    private final Map<Pending.Part, Long> known;

    SecondsTable(Pool pool) {
        this.pool = pool;
        this.known = new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Pending.Part, Long> eldest) {
                return size() > KNOWN_MAX;
            }
        };
    }

    /** Completes when the row is there. @param generation of the tables: a row seen under another one is looked for */
    Future<Void> ensure(Pending.Part part, long generation) {
        synchronized (known) {
            if (Long.valueOf(generation).equals(known.get(part))) {
                return Future.succeededFuture();
            }
        }
        return pool.preparedQuery(ADD)
                .execute(Tuple.of(part.collector(), part.type(), part.database()))
                .onSuccess(added -> {
                    synchronized (known) {
                        known.put(part, generation);
                    }
                })
                .mapEmpty();
    }

    /** Locks the rows that nobody else holds; the others are not in the answer. */
    Future<Map<Pending.Part, SecondsRow>> lock(SqlConnection connection, Collection<Pending.Part> parts) {
        if (parts.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        var keys = Tuple.tuple()
                .addArrayOfUUID(parts.stream().map(Pending.Part::collector).toArray(UUID[]::new))
                .addArrayOfString(parts.stream().map(Pending.Part::type).toArray(String[]::new))
                .addArrayOfString(parts.stream().map(Pending.Part::database).toArray(String[]::new));
        return connection.preparedQuery(LOCK).execute(keys).map(found -> rows(parts, found));
    }

    private Map<Pending.Part, SecondsRow> rows(Collection<Pending.Part> parts, RowSet<Row> found) {
        var rows = new HashMap<Pending.Part, SecondsRow>();
        for (var row : found) {
            var part = new Pending.Part(row.getUUID("collector_id"), row.getString("type"), row.getString("database"));
            var ranges = Seconds.ofBounds(longs(row.getArrayOfLongs("ranges")));
            rows.put(part, new SecondsRow(ranges, longs(row.getArrayOfLongs("lines"))));
        }
        synchronized (known) {
            // Held by somebody else, or gone: the next try looks.
            parts.stream().filter(part -> !rows.containsKey(part)).forEach(known::remove);
        }
        return rows;
    }

    static long[] longs(Long[] values) {
        return Arrays.stream(values).mapToLong(Long::longValue).toArray();
    }

    /** Writes the rows that answers depend on; a row that was not written fails it. */
    Future<Void> update(SqlConnection connection, Map<Pending.Part, SecondsRow> rows) {
        var touched = rows.entrySet().stream()
                .filter(entry -> entry.getValue().touched())
                .map(entry -> tuple(entry.getKey(), entry.getValue()))
                .toList();
        if (touched.isEmpty()) {
            return Future.succeededFuture();
        }
        return connection.preparedQuery(UPDATE).executeBatch(touched).compose(updated -> {
            int written = 0;
            for (var one = updated; one != null; one = one.next()) {
                written += one.rowCount();
            }
            return written == touched.size()
                    ? Future.succeededFuture()
                    : Future.failedFuture(new IllegalStateException(
                            "%d of %d rows of v3_seconds were written".formatted(written, touched.size())));
        });
    }

    private static Tuple tuple(Pending.Part part, SecondsRow row) {
        return Tuple.tuple()
                .addUUID(part.collector())
                .addString(part.type())
                .addString(part.database())
                .addArrayOfLong(boxed(row.stored().bounds()))
                .addArrayOfLong(boxed(row.lines()));
    }

    static Long[] boxed(long[] values) {
        return Arrays.stream(values).boxed().toArray(Long[]::new);
    }
}
