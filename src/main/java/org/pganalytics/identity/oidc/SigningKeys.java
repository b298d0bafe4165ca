package org.pganalytics.identity.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/**
 * Checks signatures by the keys that a provider publishes. Only by public keys: with the client's secret, or without any, a
 * token proves nothing. A key that is not known has the keys read anew, twice a minute at most; one that is gone from them
 * counts no more after {@link #LIFE}.
 */
final class SigningKeys {
    static final Duration LIFE = Duration.ofMinutes(15);
    private static final Duration BETWEEN_SEARCHES = Duration.ofSeconds(30);
    private static final int RSA_BITS_MIN = 2_048;
    private static final int TRIED_MAX = 8;
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private final Fresh<JWKSet> keys;
    private final LongSupplier nanoClock;
    private long searchedNanos;

    /** @param ask reads the keys @param nanoClock monotonic time in nanoseconds */
    SigningKeys(Supplier<Future<JWKSet>> ask, LongSupplier nanoClock) {
        this.keys = new Fresh<>(ask, LIFE, nanoClock);
        this.nanoClock = nanoClock;
        this.searchedNanos = nanoClock.getAsLong() - BETWEEN_SEARCHES.toNanos();
    }

    /** What the token says, once its signature was found right. Fails with UNAUTHENTICATED, and as asking does. */
    Future<JsonObject> verified(String token) {
        return Future.<Void>succeededFuture().compose(begin -> {
            var signed = parsed(token);
            return keys.get()
                    .compose(known -> candidates(known, signed.getHeader()).isEmpty() && maySearch()
                            ? keys.again()
                            : Future.succeededFuture(known))
                    .map(known -> verified(signed, candidates(known, signed.getHeader())));
        });
    }

    private synchronized boolean maySearch() {
        long now = nanoClock.getAsLong();
        if (now - searchedNanos < BETWEEN_SEARCHES.toNanos()) {
            return false;
        }
        searchedNanos = now;
        return true;
    }

    private static JWSObject parsed(String token) {
        try {
            var signed = JWSObject.parse(token);
            if (!ALGORITHMS.contains(signed.getHeader().getAlgorithm())) {
                throw bad("is signed by %s; allowed are %s".formatted(name(signed.getHeader()), names()));
            }
            return signed;
        } catch (ParseException | IllegalArgumentException odd) {
            throw bad("is no signed token");
        }
    }

    /** A name of the library's own list, or none: what the token says is not repeated. */
    private static String name(JWSHeader header) {
        return JWSAlgorithm.Family.HMAC_SHA.contains(header.getAlgorithm()) ? "a shared secret" : "another algorithm";
    }

    private static List<String> names() {
        return ALGORITHMS.stream().map(JWSAlgorithm::getName).sorted().toList();
    }

    private static List<JWK> candidates(JWKSet known, JWSHeader header) {
        return new JWKSelector(JWKMatcher.forJWSHeader(header))
                .select(known).stream()
                        .filter(key -> key instanceof AsymmetricJWK)
                        .filter(key -> !key.getKeyType().equals(KeyType.RSA) || key.size() >= RSA_BITS_MIN)
                        .limit(TRIED_MAX)
                        .toList();
    }

    private static JsonObject verified(JWSObject signed, List<JWK> candidates) {
        if (candidates.isEmpty()) {
            throw bad("is signed by a key that the provider does not publish");
        }
        if (candidates.stream().noneMatch(key -> isBy(signed, key))) {
            throw bad("has a wrong signature");
        }
        try {
            return new JsonObject(signed.getPayload().toString());
        } catch (DecodeException odd) {
            throw bad("holds no JSON object");
        }
    }

    private static boolean isBy(JWSObject signed, JWK key) {
        try {
            var verifier = new DefaultJWSVerifierFactory()
                    .createJWSVerifier(signed.getHeader(), ((AsymmetricJWK) key).toPublicKey());
            return signed.verify(verifier);
        } catch (JOSEException unfit) {
            return false;
        }
    }

    /** @param what follows "the id token" */
    static FaultException bad(String what) {
        return Fault.UNAUTHENTICATED.because("the provider's id token " + what);
    }
}
