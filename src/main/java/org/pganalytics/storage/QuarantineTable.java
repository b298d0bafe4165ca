package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Digest;

/**
 * Batches whose content is refused for ever. Bodies are kept up to a number of bytes, summed over an index in each
 * transaction that adds some, so that servers side by side overshoot it only by what they add at the same moment.
 */
final class QuarantineTable {
    private static final String KEPT_BYTES =
            "SELECT coalesce(sum(body_bytes), 0) FROM quarantine WHERE body IS NOT NULL";
    private static final String INSERT = """
            INSERT INTO quarantine (collector_id, epoch, sequence, covers_from, fault, detail, digest, rows, media_type,
                body_bytes, body)
            VALUES ($1, $2, coalesce($3::int8, nextval('v3_quarantined')), $4, $5, $6, $7, $8, $9, $10, $11)
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
            var work = settled.work();
            boolean keep = kept + work.pending().batch().bytes() <= bytesMax;
            kept += keep ? work.pending().batch().bytes() : 0;
            tuples.add(tuple(work, keep));
        }
        return tuples;
    }

    private static Tuple tuple(Work work, boolean keep) {
        var batch = work.pending().batch();
        return batch.position() instanceof BatchPosition position
                ? tuple(
                        work,
                        Tuple.of(batch.collector(), position.epoch(), position.sequence(), position.coversFrom()),
                        batch.digest(),
                        keep ? batch.raw().bytes() : null)
                : unnumbered(work, keep);
    }

    /** A version 3 push has no body of its own that could be told by a digest before. */
    private static Tuple unnumbered(Work work, boolean keep) {
        var batch = work.pending().batch();
        var body = batch.raw().bytes();
        var position = Tuple.of(batch.collector(), 0).addLong(null).addLong(0L);
        return tuple(work, position, Digest.of(body.getBytes()), keep ? body : null);
    }

    private static Tuple tuple(Work work, Tuple position, Digest digest, Buffer bodyOrNull) {
        var batch = work.pending().batch();
        return position.addString(work.refusal().fault().name())
                .addString(detail(work.refusal()))
                .addBuffer(Buffer.buffer(digest.bytes()))
                .addInteger(batch.rows())
                .addString(batch.raw().mediaType())
                .addInteger(bodyOrNull == null ? batch.bytes() : bodyOrNull.length())
                .addBuffer(bodyOrNull);
    }

    /** What PostgreSQL takes as text, of a bounded length. */
    private static String detail(FaultException refusal) {
        var text = refusal.detail().replace('\0', ' ');
        return text.length() <= DETAIL_LENGTH_MAX ? text : text.substring(0, DETAIL_LENGTH_MAX);
    }
}
