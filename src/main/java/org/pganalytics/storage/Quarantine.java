package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Seconds;
import org.pganalytics.storage.QuarantinedBatch.State;

/** The quarantine, for people: list, show, discard. Failures are faults. */
public final class Quarantine {
    private static final String LIST = """
            SELECT %s FROM quarantine
            WHERE id < $1 AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR collector_id = $3)
              AND ($4::text IS NULL OR fault = $4)
            ORDER BY id DESC LIMIT $5
            """.formatted(QuarantinedBatch.COLUMNS);
    private static final String ONE = "SELECT %s FROM quarantine WHERE id = $1".formatted(QuarantinedBatch.COLUMNS);
    private static final String WITH_BODY = "SELECT %s, body, own_seconds, repeated_lines FROM quarantine WHERE id = $1"
            .formatted(QuarantinedBatch.COLUMNS);
    private static final String LOCK = ONE + " FOR UPDATE";
    private static final String SETTLE = """
            UPDATE quarantine SET state = $2, settled_at = now(), settled_by = $3, rows_stored = $4, body = NULL
            WHERE id = $1 RETURNING %s
            """.formatted(QuarantinedBatch.COLUMNS);

    private final Pool pool;
    private final AuditTrail audit;

    public Quarantine(Pool pool, AuditTrail audit) {
        this.pool = pool;
        this.audit = audit;
    }

    /**
     * @param body null when there is none any more
     * @param own what of the body is to be stored; empty for all of it
     */
    record Kept(QuarantinedBatch batch, Buffer body, Optional<OwnSeconds> own) {}

    /** Which ones; all conditions hold. */
    public record Condition(Optional<State> state, Optional<UUID> collector, Optional<String> fault) {}

    /** The latest first. @param before the last one of the page before; {@link Long#MAX_VALUE} for the first page */
    public Future<List<QuarantinedBatch>> list(Condition condition, long before, int limit) {
        var values = Tuple.of(
                before,
                condition.state().map(State::word).orElse(null),
                condition.collector().orElse(null),
                condition.fault().orElse(null),
                limit);
        return pool.preparedQuery(LIST)
                .execute(values)
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(QuarantinedBatch::of)
                        .toList())
                .recover(Quarantine::refusal);
    }

    /** Fails with NOT_FOUND. */
    public Future<QuarantinedBatch> find(long id) {
        return pool.preparedQuery(ONE)
                .execute(Tuple.of(id))
                .map(rows -> only(rows, id))
                .recover(Quarantine::refusal);
    }

    /** With its body, both as of one moment. Fails with NOT_FOUND, and with CONFLICT when it waits without a body. */
    Future<Kept> kept(long id) {
        return pool.preparedQuery(WITH_BODY)
                .execute(Tuple.of(id))
                .map(rows -> {
                    var batch = only(rows, id);
                    var body = rows.iterator().next().getBuffer("body");
                    if (body == null && batch.state() == State.WAITING) {
                        throw Fault.CONFLICT.because(
                                "the body of batch %d was not kept: the quarantine was full (storage.quarantine-bytes-max)"
                                        .formatted(id));
                    }
                    return new Kept(batch, body, own(rows.iterator().next()));
                })
                .recover(Quarantine::refusal);
    }

    private static Optional<OwnSeconds> own(Row row) {
        return Optional.ofNullable(row.getArrayOfLongs("own_seconds"))
                .map(SecondsTable::longs)
                .map(bounds -> new OwnSeconds(Seconds.ofBounds(bounds), row.getInteger("repeated_lines")));
    }

    /** Drops the body and keeps the header; again is the same. Fails with NOT_FOUND, CONFLICT. @param actor for the audit */
    public Future<QuarantinedBatch> discard(long id, String actor) {
        return pool.withTransaction(tx -> lock(tx, id)
                        .compose(found -> found.state() == State.DISCARDED
                                ? Future.succeededFuture(found)
                                : settle(tx, found.waiting(), State.DISCARDED, null, actor)))
                .recover(Quarantine::refusal);
    }

    static Future<QuarantinedBatch> lock(SqlConnection tx, long id) {
        return tx.preparedQuery(LOCK).execute(Tuple.of(id)).map(rows -> only(rows, id));
    }

    /** Within the transaction of what is done with it. */
    Future<QuarantinedBatch> settle(
            SqlConnection tx, QuarantinedBatch batch, State state, Integer rowsStored, String actor) {
        var details = new JsonObject()
                .put("collector", batch.collector().toString())
                .put("epoch", batch.epoch())
                .put("sequence", batch.sequence())
                .put("fault", batch.fault())
                .put("rows_stored", rowsStored == null ? 0 : rowsStored);
        var action = state == State.REPLAYED ? "quarantine.replay" : "quarantine.discard";
        var record = new AuditRecord(actor, action, Long.toString(batch.id()), AuditRecord.OK, "", details);
        return audit.add(tx, record)
                .compose(written ->
                        tx.preparedQuery(SETTLE).execute(Tuple.of(batch.id(), state.word(), actor, rowsStored)))
                .map(rows -> only(rows, batch.id()));
    }

    private static QuarantinedBatch only(RowSet<Row> rows, long id) {
        if (rows.size() == 0) {
            throw Fault.NOT_FOUND.because("there is no batch %d in the quarantine".formatted(id));
        }
        return QuarantinedBatch.of(rows.iterator().next());
    }

    static <T> Future<T> refusal(Throwable failure) {
        return Future.failedFuture(
                failure instanceof FaultException
                        ? failure
                        : Fault.STORE_DOWN.because("the quarantine cannot be reached at the moment", failure));
    }
}
