package org.pganalytics.storage;

import static org.pganalytics.fault.Fault.COLLECTOR_UNKNOWN;
import static org.pganalytics.fault.Fault.EPOCH_OLD;
import static org.pganalytics.fault.Fault.SESSION_REPLACED;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.fault.FaultException;

/** The ledger's rows as a group's transaction reads and writes them. */
final class LedgerTable {
    private static final String LOCK = """
            SELECT collector_id, epoch, l.mark, l.digests, l.superseded_at IS NOT NULL AS superseded
            FROM ledger l JOIN unnest($1::uuid[], $2::int4[]) AS k(collector_id, epoch) USING (collector_id, epoch)
            ORDER BY collector_id, epoch
            FOR UPDATE OF l SKIP LOCKED
            """;
    private static final String ABSENT = """
            SELECT k.collector_id, k.epoch, c.collector_id IS NOT NULL AS known,
                EXISTS (SELECT FROM ledger l WHERE l.collector_id = k.collector_id AND l.epoch = k.epoch) AS present,
                EXISTS (SELECT FROM ledger l WHERE l.collector_id = k.collector_id AND l.epoch > k.epoch) AS followed
            FROM unnest($1::uuid[], $2::int4[]) AS k(collector_id, epoch) LEFT JOIN collector c USING (collector_id)
            """;
    private static final String UPDATE = """
            UPDATE ledger l SET mark = s.mark, digests = s.digests, settled_at = now()
            FROM unnest($1::uuid[], $2::int4[], $3::int8[], $4::bytea[]) AS s(collector_id, epoch, mark, digests)
            WHERE l.collector_id = s.collector_id AND l.epoch = s.epoch
            """;

    private final int digestRing;

    LedgerTable(int digestRing) {
        this.digestRing = digestRing;
    }

    /** What a row is found to be. @param row locked, or null @param refusal why nothing is settled there, or null */
    record Found(LedgerRow row, FaultException refusal) {
        boolean locked() {
            return row == null && refusal == null;
        }
    }

    /** Locks the rows that nobody else holds; says of the others whether they are held or not there at all. */
    Future<Map<Pending.Epoch, Found>> lock(SqlConnection connection, Collection<Pending.Epoch> keys) {
        if (keys.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        return connection.preparedQuery(LOCK).execute(keysOf(keys)).compose(rows -> {
            var found = new HashMap<Pending.Epoch, Found>();
            rows.forEach(row -> found.put(key(row), found(row)));
            var missing = keys.stream().filter(key -> !found.containsKey(key)).toList();
            return missing.isEmpty()
                    ? Future.succeededFuture(found)
                    : connection.preparedQuery(ABSENT).execute(keysOf(missing)).map(absent -> {
                        absent.forEach(row -> found.put(
                                key(row), new Found(null, whyAbsent(row).orElse(null))));
                        return found;
                    });
        });
    }

    private Found found(Row row) {
        return row.getBoolean("superseded")
                ? new Found(null, epochOld(row.getInteger("epoch")))
                : new Found(
                        new LedgerRow(
                                row.getLong("mark"), row.getBuffer("digests").getBytes(), digestRing),
                        null);
    }

    private static FaultException epochOld(int epoch) {
        return EPOCH_OLD.because(
                "epoch %d was followed by a newer one; this instance is no longer the collector".formatted(epoch));
    }

    private static Optional<FaultException> whyAbsent(Row row) {
        int epoch = row.getInteger("epoch");
        if (row.getBoolean("present")) {
            return Optional.empty();
        }
        if (!row.getBoolean("known")) {
            return Optional.of(COLLECTOR_UNKNOWN.because("the collector is not registered in this database"));
        }
        return Optional.of(
                row.getBoolean("followed")
                        ? epochOld(epoch)
                        : SESSION_REPLACED.because(
                                "epoch %d is not in the ledger, perhaps a restored one; open a session"
                                        .formatted(epoch)));
    }

    /** Writes the rows that answers depend on; a row that was not written fails it. */
    Future<Void> update(SqlConnection connection, Map<Pending.Epoch, LedgerRow> rows) {
        if (rows.isEmpty()) {
            return Future.succeededFuture();
        }
        var keys = rows.keySet();
        var tuple = keysOf(keys)
                .addArrayOfLong(keys.stream().map(key -> rows.get(key).mark()).toArray(Long[]::new))
                .addArrayOfBuffer(keys.stream()
                        .map(key -> Buffer.buffer(rows.get(key).ring()))
                        .toArray(Buffer[]::new));
        return connection
                .preparedQuery(UPDATE)
                .execute(tuple)
                .compose(updated -> updated.rowCount() == rows.size()
                        ? Future.succeededFuture()
                        : Future.failedFuture(new IllegalStateException(
                                "%d of %d ledger rows were written".formatted(updated.rowCount(), rows.size()))));
    }

    static Tuple keysOf(Collection<Pending.Epoch> keys) {
        return Tuple.tuple()
                .addArrayOfUUID(keys.stream().map(Pending.Epoch::collector).toArray(UUID[]::new))
                .addArrayOfInteger(keys.stream().map(Pending.Epoch::epoch).toArray(Integer[]::new));
    }

    private static Pending.Epoch key(Row row) {
        return new Pending.Epoch(row.getUUID("collector_id"), row.getInteger("epoch"));
    }
}
