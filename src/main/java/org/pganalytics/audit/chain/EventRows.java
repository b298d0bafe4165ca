package org.pganalytics.audit.chain;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;

/** Reads what proves events, and checkpoints, from rows of their tables. */
final class EventRows {
    /** Of audit_event under the alias e. */
    static final String COLUMNS = """
            e.id, e.time, e.actor, e.action, e.target, e.outcome, e.address, e.details::text AS details, e.writer, e.number,
            e.key_id, e.hmac, e.actor_salt, e.target_salt, e.address_salt, e.actor_commitment, e.target_commitment,
            e.address_commitment""";

    static final String CHECKPOINT_COLUMNS =
            "c.position, c.kind, c.chain, c.hash, c.events, c.before_id, c.time AS at, c.key_id AS signer, c.signature";

    private EventRows() {}

    /** Null when an outer join found none. */
    static ProvenEvent event(Row row) {
        if (row.getLong("id") == null) {
            return null;
        }
        var number = row.getLong("number");
        return new ProvenEvent(
                row.get(OffsetDateTime.class, "time").toInstant(),
                committed(row, "actor"),
                row.getString("action"),
                committed(row, "target"),
                row.getString("outcome"),
                committed(row, "address"),
                row.getString("details"),
                row.getUUID("writer"),
                number == null ? 0 : number,
                row.getString("key_id"),
                bytes(row, "hmac"));
    }

    private static Committed committed(Row row, String name) {
        return new Committed(row.getString(name), bytes(row, name + "_salt"), bytes(row, name + "_commitment"));
    }

    static Checkpoint checkpoint(Row row) {
        return new Checkpoint(
                row.getLong("position"),
                Checkpoint.Kind.of(row.getString("kind")),
                row.getUUID("chain"),
                bytes(row, "hash"),
                row.getLong("events"),
                row.getLong("before_id"),
                row.get(OffsetDateTime.class, "at").toInstant(),
                row.getString("signer"),
                bytes(row, "signature"));
    }

    static byte[] bytes(Row row, String name) {
        Buffer found = row.getBuffer(name);
        return found == null ? null : found.getBytes();
    }
}
