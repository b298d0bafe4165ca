package org.pganalytics.admission;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/**
 * Verifies the tokens that version 3 collectors got from their old backend: HS256 and nothing else, by its secret.
 * Says for whom a token was issued; whether that one may still come in is the database's to say. Thread-safe.
 */
final class LegacyTokens {
    private static final String ALGORITHM = "HS256";
    private static final String MAC = "HmacSHA256";
    private static final String BAD = "the token is none that the old backend signed; register the collector here";
    private static final Duration LEEWAY = Duration.ofSeconds(SigningKey.LEEWAY_SECONDS);

    private final SecretKeySpec key;
    private final Duration within;
    private final Clock clock;

    /** What a token says, verified. @param until it is taken no longer */
    record Claims(UUID collector, String hostname, Instant until) {}

    LegacyTokens(String secret, Duration within, Clock clock) {
        this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), MAC);
        this.within = within;
        this.clock = clock;
    }

    /** Whether a token says that it is one of these; nothing of it is believed yet. */
    static boolean isLegacy(String token) {
        var parts =
                token == null || token.length() > CollectorTokens.LENGTH_MAX ? new String[0] : token.split("\\.", -1);
        try {
            return parts.length == 3 && ALGORITHM.equals(json(parts[0]).getValue("alg"));
        } catch (IllegalArgumentException | DecodeException garbage) {
            return false;
        }
    }

    /** Fails with UNAUTHENTICATED. */
    Claims verify(String token) {
        int dot = token.lastIndexOf('.');
        try {
            var signature = Base64.getUrlDecoder().decode(token.substring(dot + 1));
            if (!MessageDigest.isEqual(signature, mac(token.substring(0, dot)))) {
                throw bad();
            }
            return claims(json(token.substring(token.indexOf('.') + 1, dot)));
        } catch (IllegalArgumentException | ClassCastException | NullPointerException | DecodeException odd) {
            throw bad();
        }
    }

    private Claims claims(JsonObject claims) {
        var collector = UUID.fromString(claims.getString("collector_id"));
        boolean forCollectors =
                "access".equals(claims.getValue("type")) && ("collector:" + collector).equals(claims.getValue("sub"));
        var expires = Instant.ofEpochSecond(claims.getLong("exp"));
        var notBefore = Instant.ofEpochSecond(claims.getLong("nbf", 0L));
        if (!forCollectors || notBefore.isAfter(clock.instant().plus(LEEWAY))) {
            throw bad();
        }
        var until = expires.plus(within).plus(LEEWAY);
        if (!clock.instant().isBefore(until)) {
            throw Fault.UNAUTHENTICATED.because(
                    "the token expired more than %d days ago; register the collector here".formatted(within.toDays()));
        }
        return new Claims(collector, claims.getString("hostname", ""), until);
    }

    private byte[] mac(String signed) {
        try {
            var mac = Mac.getInstance(MAC);
            mac.init(key);
            return mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has " + MAC, impossible);
        }
    }

    private static JsonObject json(String part) {
        return new JsonObject(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
    }

    private static FaultException bad() {
        return Fault.UNAUTHENTICATED.because(BAD);
    }
}
