package org.pganalytics.admission;

import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.TokenCredentials;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.secrets.RandomSecrets;

/**
 * Issues and verifies the tokens of collectors: JWTs signed with ES256. Says who a token was issued for and that it has
 * not expired; whether it was revoked since is the business of {@link Revocations}. Thread-safe.
 */
final class CollectorTokens {
    /** Longest token looked at, in characters; ours are about 500. */
    static final int LENGTH_MAX = 4_096;

    private static final String BAD = "the token is not one of this server's; register, or refresh the token";

    private final SigningKeys keys;
    private final AdmissionConfig.Tokens config;
    private final Clock clock;
    private final Map<String, CollectorPrincipal> verified;

    CollectorTokens(SigningKeys keys, AdmissionConfig.Tokens config, Clock clock) {
        this.keys = keys;
        this.config = config;
        this.clock = clock;
        this.verified = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, CollectorPrincipal> eldest) {
                return size() > config.verifiedMax();
            }
        };
    }

    /** What a token says. @param v3 whether it can be exchanged for a new one, as version 3 collectors do */
    record Claims(UUID collector, String name, int generation, boolean v3) {}

    String issue(UUID collector, String name, int generation) {
        return issue(new Claims(collector, name, generation, false), config.lifetime());
    }

    String issue(Claims said, Duration lifetime) {
        var now = clock.instant().getEpochSecond();
        var claims = new JsonObject()
                .put("iss", SigningKey.ISSUER)
                .put("aud", SigningKey.AUDIENCE)
                .put("sub", said.collector().toString())
                .put("gen", said.generation())
                .put("name", said.name())
                .put("iat", now)
                .put("exp", now + lifetime.toSeconds());
        var token = keys.signer().sign(said.v3() ? claims.put("v3", true) : claims);
        var expires = Instant.ofEpochSecond(claims.getLong("exp"));
        remember(token, new CollectorPrincipal(said.collector(), said.name(), said.generation(), expires));
        return token;
    }

    private void remember(String token, CollectorPrincipal principal) {
        synchronized (verified) {
            verified.put(digest(token), principal);
        }
    }

    /** Whether a token was issued or verified here, and is remembered; whether it has expired since is not said. */
    boolean remembers(String token) {
        if (token == null || token.isEmpty() || token.length() > LENGTH_MAX) {
            return false;
        }
        var digest = digest(token);
        synchronized (verified) {
            return verified.containsKey(digest);
        }
    }

    /** Whether a token, already verified, was issued to a version 3 collector. */
    boolean isV3(String token) {
        return Boolean.TRUE.equals(json(token.split("\\.")[1]).getValue("v3"));
    }

    private static JsonObject json(String part) {
        return new JsonObject(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
    }

    /** Fails with UNAUTHENTICATED, or STORE_DOWN when its key may be in a database that does not answer. */
    Future<CollectorPrincipal> verify(String token) {
        if (token == null || token.isEmpty() || token.length() > LENGTH_MAX) {
            return Future.failedFuture(Fault.UNAUTHENTICATED.because("a token of %d characters, allowed are 1 to %d"
                    .formatted(token == null ? 0 : token.length(), LENGTH_MAX)));
        }
        var known = known(token);
        if (known.isPresent()) {
            return known.get();
        }
        return keyId(token)
                .map(kid -> keys.find(kid).compose(key -> verifyBy(key, token)))
                .orElseGet(() -> Future.failedFuture(Fault.UNAUTHENTICATED.because(BAD)));
    }

    private Optional<Future<CollectorPrincipal>> known(String token) {
        var digest = digest(token);
        synchronized (verified) {
            var principal = verified.get(digest);
            if (principal == null) {
                return Optional.empty();
            }
            if (clock.instant().isBefore(principal.tokenExpiresAt().plusSeconds(SigningKey.LEEWAY_SECONDS))) {
                return Optional.of(Future.succeededFuture(principal));
            }
            verified.remove(digest);
        }
        return Optional.of(Future.failedFuture(expired()));
    }

    /** The key id of a token that claims our algorithm; nothing of it is believed yet. */
    private static Optional<String> keyId(String token) {
        try {
            int dot = token.indexOf('.');
            var header = json(token.substring(0, Math.max(dot, 0)));
            boolean ours = SigningKey.ALGORITHM.equals(header.getValue("alg"))
                    && token.chars().filter(c -> c == '.').count() == 2;
            return ours && header.getValue("kid") instanceof String kid ? Optional.of(kid) : Optional.empty();
        } catch (IllegalArgumentException | DecodeException garbage) {
            return Optional.empty();
        }
    }

    private Future<CollectorPrincipal> verifyBy(Optional<SigningKey> key, String token) {
        if (key.isEmpty()) {
            return Future.failedFuture(Fault.UNAUTHENTICATED.because(BAD));
        }
        // Within a future: of a claim of an odd type the library makes an exception.
        return Future.succeededFuture(new TokenCredentials(token))
                .compose(credentials -> key.get().jwt().authenticate(credentials))
                .map(this::principal)
                .onSuccess(principal -> remember(token, principal))
                .recover(failure -> Future.failedFuture(
                        failure instanceof FaultException ? failure : Fault.UNAUTHENTICATED.because(BAD, failure)));
    }

    private CollectorPrincipal principal(User user) {
        try {
            // Named one by one: a token that lacks a claim is refused, whatever the library makes of it.
            var expiresAt =
                    Instant.ofEpochSecond(user.<JsonObject>get("accessToken").getLong("exp"));
            var collector = UUID.fromString(claim(user, "sub", String.class));
            var principal = new CollectorPrincipal(
                    collector,
                    claim(user, "name", String.class),
                    claim(user, "gen", Number.class).intValue(),
                    expiresAt);
            if (!clock.instant().isBefore(expiresAt.plusSeconds(SigningKey.LEEWAY_SECONDS))) {
                throw expired();
            }
            return principal;
        } catch (IllegalArgumentException | NullPointerException | ClassCastException odd) {
            throw Fault.UNAUTHENTICATED.because(BAD, odd);
        }
    }

    private static <T> T claim(User user, String name, Class<T> type) {
        return Objects.requireNonNull(
                type.cast(user.<JsonObject>get("accessToken").getValue(name)), name);
    }

    private static FaultException expired() {
        return Fault.UNAUTHENTICATED.because("the token has expired; refresh it");
    }

    private static String digest(String token) {
        return HexFormat.of().formatHex(RandomSecrets.hash(token));
    }
}
