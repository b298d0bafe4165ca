package org.pganalytics.admission;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs tokens as the backend of version 3 did. */
public record OldBackend(String secret) {
    private static final JsonObject HEADER =
            new JsonObject().put("alg", "HS256").put("typ", "JWT");

    static String part(JsonObject json) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json.toBuffer().getBytes());
    }

    String signed(JsonObject header, JsonObject claims) {
        var text = part(header) + "." + part(claims);
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            var signature = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static JsonObject claims(UUID collector, Duration age) {
        long issued = Instant.now().minus(age).getEpochSecond();
        return new JsonObject()
                .put("collector_id", collector.toString())
                .put("hostname", "db-host-1")
                .put("type", "access")
                .put("sub", "collector:" + collector)
                .put("iat", issued)
                .put("nbf", issued)
                .put("exp", issued + 1_800);
    }

    /** One that was issued so long ago. */
    public String token(UUID collector, Duration age) {
        return signed(HEADER, claims(collector, age));
    }
}
