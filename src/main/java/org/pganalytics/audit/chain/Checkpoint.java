package org.pganalytics.audit.chain;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;

/**
 * What the server signed of the chain.
 *
 * @param hash of the chain at the position
 * @param events how many it adds or, of prune, deletes
 * @param beforeId of begin: events without an hmac up to this id were there before; else 0
 * @param time to the microsecond
 */
record Checkpoint(
        long position,
        Kind kind,
        UUID chain,
        byte[] hash,
        long events,
        long beforeId,
        Instant time,
        String keyId,
        byte[] signature) {

    /** What it is about. */
    enum Kind {
        BEGIN,
        SEAL,
        PRUNE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    Checkpoint signedWith(AuditKeys keys) {
        var mine = new Checkpoint(position, kind, chain, hash, events, beforeId, time, keys.signerId(), null);
        return new Checkpoint(
                position, kind, chain, hash, events, beforeId, time, keys.signerId(), keys.sign(mine.signedText()));
    }

    boolean isSigned(AuditKeys keys) {
        return signature != null && keys.signed(keyId, signedText(), signature);
    }

    private byte[] signedText() {
        return Canonical.of(unsigned().encode());
    }

    private JsonObject unsigned() {
        return new JsonObject()
                .put("v", 1)
                .put("position", Long.toString(position))
                .put("kind", kind.word())
                .put("chain", chain.toString())
                .put("hash", HexFormat.of().formatHex(hash))
                .put("events", Long.toString(events))
                .put("before_id", Long.toString(beforeId))
                .put("time", time.toString())
                .put("key", keyId);
    }

    JsonObject json() {
        return unsigned().put("signature", HexFormat.of().formatHex(signature));
    }

    /** @throws RuntimeException when it is not of this form */
    static Checkpoint of(JsonObject json) {
        return new Checkpoint(
                Long.parseLong(json.getString("position")),
                Kind.of(json.getString("kind")),
                UUID.fromString(json.getString("chain")),
                HexFormat.of().parseHex(json.getString("hash")),
                Long.parseLong(json.getString("events")),
                Long.parseLong(json.getString("before_id")),
                Instant.parse(json.getString("time")),
                json.getString("key"),
                HexFormat.of().parseHex(json.getString("signature")));
    }
}
