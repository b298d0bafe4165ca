package org.pganalytics.identity.sealed;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.secrets.Envelope;
import org.pganalytics.secrets.KeyRing;
import org.pganalytics.secrets.SealException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sealed values of the database: how many are under which key, and sealing them anew. */
public final class SealedValues {
    private static final Logger LOG = LoggerFactory.getLogger(SealedValues.class);
    /** Values a transaction: what dies in the middle has lost no more, and no row is locked for long. */
    private static final int AT_ONCE = 100;

    private static final String UNDER = "INSERT INTO sealed_under (key_id) VALUES ($1) ON CONFLICT DO NOTHING";

    /** Rows whose values do not open: told of once, and passed over, so that the others have their turn. */
    private final Set<String> closed = ConcurrentHashMap.newKeySet();

    private final Pool pool;
    private final AuditTrail audit;

    public SealedValues(Pool pool, AuditTrail audit) {
        this.pool = pool;
        this.audit = audit;
    }

    /** Values by the id of their key. */
    public Future<Map<String, Long>> countByKey() {
        var counts = new TreeMap<String, Long>();
        Future<Void> counted = Future.succeededFuture();
        for (var column : SealedColumn.ALL) {
            counted = counted.compose(before -> pool.query(column.countByKey()).execute())
                    .map(rows -> add(counts, rows));
        }
        return counted.map(counts);
    }

    private static Void add(Map<String, Long> counts, RowSet<Row> rows) {
        rows.forEach(row -> counts.merge(row.getString("id"), row.getLong("values"), Long::sum));
        return null;
    }

    /** Removes what is sealed under keys that nobody has any more, and tells the audit of each key that had something. */
    public Future<Void> discard(List<String> lostKeys) {
        Future<Void> done = Future.succeededFuture();
        for (var key : lostKeys) {
            done = done.compose(before -> pool.withTransaction(tx -> discard(tx, key)));
        }
        return done;
    }

    private Future<Void> discard(SqlConnection tx, String key) {
        var removed = Future.succeededFuture(0);
        for (var column : SealedColumn.ALL) {
            removed = removed.compose(count ->
                    tx.preparedQuery(column.discard()).execute(Tuple.of(key)).map(rows -> count + rows.rowCount()));
        }
        return removed.compose(count -> count == 0
                ? Future.succeededFuture()
                : audit.add(tx, record("config", "keys.discard", key, new JsonObject().put("values", count))));
    }

    /** Of the older keys of the ring, a portion. @return how many values were sealed anew; 0: none is left */
    Future<Integer> rewrap(Envelope envelope, KeyRing ring) {
        Future<Integer> done = Future.succeededFuture(0);
        for (var column : SealedColumn.ALL) {
            done = done.compose(count -> count > 0
                    ? Future.succeededFuture(count)
                    : pool.withTransaction(tx -> rewrap(tx, column, envelope, ring)));
        }
        return done;
    }

    private Future<Integer> rewrap(SqlConnection tx, SealedColumn column, Envelope envelope, KeyRing ring) {
        var older = ring.older().toArray(String[]::new);
        return tx.preparedQuery(column.underKeys())
                .execute(Tuple.tuple()
                        .addArrayOfString(older)
                        .addInteger(AT_ONCE)
                        .addArrayOfString(closed.toArray(String[]::new)))
                .compose(rows -> {
                    var fresh = new ArrayList<Tuple>();
                    rows.forEach(row -> rewrap(column.place(row.getString("row")), row, envelope)
                            .ifPresent(fresh::add));
                    return fresh.isEmpty()
                            ? Future.succeededFuture(0)
                            : tx.preparedQuery(column.put()).executeBatch(fresh).map(fresh.size());
                });
    }

    /** Empty for a value that does not open: it stays, and is told of. */
    private Optional<Tuple> rewrap(Envelope.Place place, Row row, Envelope envelope) {
        try {
            var sealed = envelope.rewrap(place, row.getBuffer("sealed").getBytes());
            return Optional.of(Tuple.of(place.row(), Buffer.buffer(sealed)));
        } catch (SealException why) {
            closed.add(place.row());
            LOG.warn(
                    "a sealed value stays under its key: {} of {} in the row {} {}",
                    place.column(),
                    place.table(),
                    place.row(),
                    why.getMessage());
            return Optional.empty();
        }
    }

    /** Tells the audit that all values are under the key that seals; once, unless this server has sealed some anew. */
    Future<Void> tellEnd(KeyRing ring, long sealedAnew, Map<String, Long> counts) {
        var details = new JsonObject().put("sealed_anew", sealedAnew);
        counts.forEach((id, values) -> details.put("values_under_" + id, values));
        return pool.withTransaction(tx -> tx.preparedQuery(UNDER)
                .execute(Tuple.of(ring.current()))
                .compose(first -> first.rowCount() == 1 || sealedAnew > 0
                        ? audit.add(tx, record("system", "keys.rewrapped", ring.current(), details))
                        : Future.succeededFuture()));
    }

    private static AuditRecord record(String actor, String action, String key, JsonObject details) {
        return new AuditRecord(actor, action, "key:" + key, AuditRecord.OK, "", details);
    }

    /** Tells the audit what a step has come to. @param key the id that it was about */
    public Future<Void> tell(String actor, String action, String key, JsonObject details) {
        return pool.withTransaction(tx -> audit.add(tx, record(actor, action, key, details)));
    }
}
