package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchPosition;

/**
 * Batches whose content is refused for ever. Bodies are kept up to a number of bytes, summed over an index in each
 * transaction that adds some, so that servers side by side overshoot it only by what they add at the same moment.
 */
final class QuarantineTable {
    private static final String KEPT_BYTES =
            "SELECT coalesce(sum(body_bytes), 0) FROM quarantine WHERE body IS NOT NULL";
    private static final String INSERT = """
            INSERT INTO quarantine (collector_id, epoch, sequence, covers_from, fault, detail, digest, rows, media_type,
                body_bytes, body, own_seconds, repeated_lines)
            VALUES ($1, $2, coalesce($3::int8, nextval('v3_quarantined')), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (collector_id, epoch, sequence) DO NOTHING
            """;
    private static final int DETAIL_LENGTH_MAX = 1_000;

    private final long bytesMax;

    QuarantineTable(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    Future<Void> insert(SqlConnection connection, List<Verdict.Settled> refused) {
        if (refused.isEmpty()) {
            return Future.succeededFuture();
        }
        return connection
                .query(KEPT_BYTES)
                .execute()
                .map(rows -> tuples(refused, rows.iterator().next().getLong(0)))
                .compose(tuples -> connection.preparedQuery(INSERT).executeBatch(tuples))
                .mapEmpty();
    }

    private List<Tuple> tuples(List<Verdict.Settled> refused, long keptBytes) {
        var tuples = new ArrayList<Tuple>(refused.size());
        long kept = keptBytes;
        for (var settled : refused) {
            int bytes = settled.work().body().bytes().length();
            boolean keep = kept + bytes <= bytesMax;
            kept += keep ? bytes : 0;
            tuples.add(tuple(settled, keep));
        }
        return tuples;
    }

    private static Tuple tuple(Verdict.Settled settled, boolean keep) {
        var work = settled.work();
        var batch = work.pending().batch();
        var body = work.body();
        var own = settled.ownOrNull();
        return position(batch)
                .addString(work.refusal().fault().name())
                .addString(detail(work.refusal()))
                .addBuffer(Buffer.buffer(body.digest().bytes()))
                .addInteger(batch.rows())
                .addString(batch.raw().mediaType())
                .addInteger(body.bytes().length())
                .addBuffer(keep ? body.bytes() : null)
                .addArrayOfLong(
                        own == null ? null : SecondsTable.boxed(own.seconds().bounds()))
                .addInteger(own == null ? 0 : own.repeatedLines());
    }

    /** A version 3 batch gets the next number of its own kind. */
    private static Tuple position(Batch batch) {
        return batch.position() instanceof BatchPosition position
                ? Tuple.of(batch.collector(), position.epoch(), position.sequence(), position.coversFrom())
                : Tuple.of(batch.collector(), 0).addLong(null).addLong(0L);
    }

    /** What PostgreSQL takes as text, of a bounded length. */
    private static String detail(FaultException refusal) {
        var text = refusal.detail().replace('\0', ' ');
        return text.length() <= DETAIL_LENGTH_MAX ? text : text.substring(0, DETAIL_LENGTH_MAX);
    }
}
