package org.pganalytics.storage;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.fault.Fault;

/**
 * A batch in the quarantine: its header, and why it was refused.
 *
 * @param rows as far as the body could be read
 * @param bodyKept else it was beyond the quarantine's limit, or the batch is settled
 * @param settledBy who replayed or discarded it
 * @param rowsStored by the replay
 */
public record QuarantinedBatch(
        long id,
        UUID collector,
        int epoch,
        long sequence,
        long coversFrom,
        String fault,
        String detail,
        String digest,
        int rows,
        String mediaType,
        int bodyBytes,
        boolean bodyKept,
        Instant refusedAt,
        State state,
        Optional<Instant> settledAt,
        Optional<String> settledBy,
        Optional<Integer> rowsStored) {

    /** What became of it. */
    public enum State {
        WAITING,
        REPLAYED,
        DISCARDED;

        /** As the database and the API have it. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static final String COLUMNS = """
            id, collector_id, epoch, sequence, covers_from, fault, detail, digest, rows, media_type, body_bytes,
            body IS NOT NULL AS body_kept, refused_at, state, settled_at, settled_by, rows_stored""";

    static QuarantinedBatch of(Row row) {
        return new QuarantinedBatch(
                row.getLong("id"),
                row.getUUID("collector_id"),
                row.getInteger("epoch"),
                row.getLong("sequence"),
                row.getLong("covers_from"),
                row.getString("fault"),
                row.getString("detail"),
                HexFormat.of().formatHex(row.getBuffer("digest").getBytes()),
                row.getInteger("rows"),
                row.getString("media_type"),
                row.getInteger("body_bytes"),
                row.getBoolean("body_kept"),
                row.getOffsetDateTime("refused_at").toInstant(),
                State.valueOf(row.getString("state").toUpperCase(java.util.Locale.ROOT)),
                Optional.ofNullable(row.getOffsetDateTime("settled_at")).map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getString("settled_by")),
                Optional.ofNullable(row.getInteger("rows_stored")));
    }

    /** Fails with CONFLICT unless its rows can still be stored, or its body be dropped. */
    QuarantinedBatch waiting() {
        if (state != State.WAITING) {
            throw Fault.CONFLICT.because(
                    "batch %d was %s before, by %s".formatted(id, state.word(), settledBy.orElse("?")));
        }
        return this;
    }

    /** As the API and the command line show it. */
    public JsonObject json() {
        return new JsonObject()
                .put("id", Long.toString(id))
                .put("collector_id", collector.toString())
                .put("epoch", epoch)
                .put("sequence", Long.toString(sequence))
                .put("covers_from", Long.toString(coversFrom))
                .put("fault", fault)
                .put("detail", detail)
                .put("digest", digest)
                .put("rows", rows)
                .put("media_type", mediaType)
                .put("body_bytes", bodyBytes)
                .put("body_kept", bodyKept)
                .put("refused_at", refusedAt.toString())
                .put("state", state.word())
                .put("settled_at", settledAt.map(Instant::toString).orElse(null))
                .put("settled_by", settledBy.orElse(null))
                .put("rows_stored", rowsStored.orElse(null));
    }
}
