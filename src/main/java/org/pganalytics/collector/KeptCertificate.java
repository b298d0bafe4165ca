package org.pganalytics.collector;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.UUID;
import org.pganalytics.tls.Pem;

/**
 * A certificate that a server gave, with its key.
 *
 * @param collector whose it is
 * @param certificate PEM
 * @param key PEM, PKCS #8
 * @param obtainedAtMillis the collector's own clock when it was given, ms since 1970
 * @param lifetimeMillis from then on
 */
record KeptCertificate(UUID collector, String certificate, String key, long obtainedAtMillis, long lifetimeMillis) {
    private static final long LIFETIME_MILLIS_MIN = 5_000;

    /** @throws IllegalArgumentException saying why it is of no use */
    KeptCertificate usable() {
        if (lifetimeMillis < LIFETIME_MILLIS_MIN) {
            throw new IllegalArgumentException("a certificate that holds for %d ms is none".formatted(lifetimeMillis));
        }
        if (certificate == null || key == null) {
            throw new IllegalArgumentException("the certificate or its key is missing");
        }
        Pem.requirePair(certificate, key);
        return this;
    }

    static KeptCertificate parse(JsonObject json) {
        return new KeptCertificate(
                UUID.fromString(json.getString("collector_id")),
                json.getString("certificate"),
                json.getString("key"),
                json.getLong("obtained_at_ms"),
                json.getLong("lifetime_ms"));
    }

    String format() {
        return new JsonObject()
                .put("collector_id", collector.toString())
                .put("certificate", certificate)
                .put("key", key)
                .put("obtained_at_ms", obtainedAtMillis)
                .put("lifetime_ms", lifetimeMillis)
                .encodePrettily();
    }

    /** At two thirds of its life, and when the clock stands before the day it was given. */
    boolean isDue(long nowMillis) {
        return nowMillis - obtainedAtMillis >= lifetimeMillis / 3 * 2 || nowMillis < obtainedAtMillis;
    }

    boolean isOver(long nowMillis) {
        return nowMillis - obtainedAtMillis >= lifetimeMillis;
    }

    PemKeyCertOptions shown() {
        return new PemKeyCertOptions().addCertValue(Buffer.buffer(certificate)).addKeyValue(Buffer.buffer(key));
    }

    /** Names no secret. */
    @Override
    public String toString() {
        return "KeptCertificate[" + collector + "]";
    }
}
