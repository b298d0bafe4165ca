package org.pganalytics.audit.chain;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.UUID;

/**
 * An event with what proves it.
 *
 * @param time to the microsecond
 * @param details JSON text
 * @param writer the process that wrote it; null, as keyId and hmac, for one without proof
 * @param number the writer's own, from 1 on
 * @param keyId the key of the hmac
 */
record ProvenEvent(
        Instant time,
        Committed actor,
        String action,
        Committed target,
        String outcome,
        Committed address,
        String details,
        UUID writer,
        long number,
        String keyId,
        byte[] hmac) {

    boolean isProven() {
        return hmac != null && keyId != null && writer != null;
    }

    boolean isErased() {
        return actor.isErased() || target.isErased() || address.isErased();
    }

    /** What the hmac is over. @throws IllegalArgumentException when the details have no canonical form */
    byte[] canonical() {
        var head = new JsonObject()
                .put("v", 1)
                .put("writer", String.valueOf(writer))
                .put("number", Long.toString(number))
                .put("key", String.valueOf(keyId))
                .put("time", time.toString())
                .put("actor", actor.proven())
                .put("action", action)
                .put("target", target.proven())
                .put("outcome", outcome)
                .put("address", address.proven())
                .encode();
        return Canonical.of(head.substring(0, head.length() - 1) + ",\"details\":" + details + "}");
    }

    /** Of what it says, for the chain; zeros stand for what has no canonical form, and is bent therefore. */
    byte[] digest() {
        try {
            return Hashes.sha256(canonical());
        } catch (IllegalArgumentException bent) {
            return new byte[Hashes.BYTES];
        }
    }

    ProvenEvent with(byte[] itsHmac) {
        return new ProvenEvent(time, actor, action, target, outcome, address, details, writer, number, keyId, itsHmac);
    }
}
