package org.pganalytics.identity.oidc;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.pganalytics.fault.FaultException;

/** Whether an id token with a right signature is meant for us, now, and for this sign-in (OpenID Connect Core, 3.1.3.7). */
final class IdTokenCheck {
    private static final Duration CLOCKS_APART_MAX = Duration.ofSeconds(60);
    /** Made for a code of just now: an older one is somebody's from another time. */
    private static final Duration AGE_MAX = Duration.ofMinutes(10);

    private static final int SUBJECT_BYTES_MAX = 255;

    private final String issuer;
    private final String clientId;
    private final Clock clock;

    IdTokenCheck(String issuer, String clientId, Clock clock) {
        this.issuer = issuer;
        this.clientId = clientId;
        this.clock = clock;
    }

    /** The subject. Fails with UNAUTHENTICATED. @param nonce of this sign-in */
    String subject(JsonObject claims, String nonce) {
        require(issuer.equals(claims.getValue("iss")), "is of another issuer");
        audience(claims);
        times(claims);
        require(nonce.equals(claims.getValue("nonce")), "is not of this sign-in (nonce)");
        return subject(claims);
    }

    private void audience(JsonObject claims) {
        var audience = claims.getValue("aud") instanceof JsonArray many
                ? many.getList()
                : claims.getValue("aud") instanceof String one ? List.of(one) : List.of();
        require(audience.contains(clientId), "is for another client (aud)");
        var party = claims.getValue("azp");
        require(
                party == null ? audience.size() == 1 : clientId.equals(party),
                "was asked for by another client, or does not say by which (azp)");
    }

    private void times(JsonObject claims) {
        long now = clock.instant().getEpochSecond();
        long apart = CLOCKS_APART_MAX.toSeconds();
        long issued = seconds(claims, "iat");
        require(seconds(claims, "exp") + apart > now, "has expired (exp)");
        require(issued - apart <= now, "is of the future (iat): are the clocks right?");
        require(issued + AGE_MAX.toSeconds() + apart > now, "is too old (iat)");
        require(!claims.containsKey("nbf") || seconds(claims, "nbf") - apart <= now, "does not hold yet (nbf)");
    }

    private static long seconds(JsonObject claims, String name) {
        require(claims.getValue(name) instanceof Number, "has no %s that is a number".formatted(name));
        double seconds = ((Number) claims.getValue(name)).doubleValue();
        // Beyond it sums could overflow.
        require(seconds >= 0 && seconds < 1e12, "has a %s that is no time".formatted(name));
        return (long) seconds;
    }

    /** Also of what tells more of somebody. */
    static String subject(JsonObject claims) {
        boolean fine = claims.getValue("sub") instanceof String subject
                && !subject.isBlank()
                && subject.getBytes(StandardCharsets.UTF_8).length <= SUBJECT_BYTES_MAX
                && subject.codePoints().noneMatch(Character::isISOControl);
        require(fine, "says nobody (sub)");
        return claims.getString("sub");
    }

    private static void require(boolean fine, String what) {
        if (!fine) {
            throw refusal(what);
        }
    }

    private static FaultException refusal(String what) {
        return SigningKeys.bad(what);
    }
}
