package org.pganalytics.admission;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.CollectorPrincipal;

/**
 * Who a version 3 collector is. Such a collector drops what it has when a push is refused as unauthenticated twice, so
 * its token is taken for long after it expired, whether we issued it or its old backend did; what ends it is
 * revocation. Thread-safe.
 */
final class V3Identities {
    private final Optional<LegacyTokens> legacy;
    private final Adoptions adoptions;
    private final CollectorTokens tokens;
    private final Duration lifetime;

    /** @param lifetime of a token, until nobody takes it any more */
    V3Identities(Optional<LegacyTokens> legacy, Adoptions adoptions, CollectorTokens tokens, Duration lifetime) {
        this.legacy = legacy;
        this.adoptions = adoptions;
        this.tokens = tokens;
        this.lifetime = lifetime;
    }

    String issue(UUID collector, String name, int generation) {
        return tokens.issue(new CollectorTokens.Claims(collector, name, generation, true), lifetime);
    }

    /**
     * Verifies a token of ours or of the old backend, and takes its collector over. Whether that one may come in is
     * not said.
     *
     * <p>Fails with UNAUTHENTICATED or STORE_DOWN.
     */
    Future<CollectorPrincipal> verify(String token) {
        if (!LegacyTokens.isLegacy(token)) {
            return tokens.verify(token);
        }
        if (legacy.isEmpty()) {
            return Future.failedFuture(Fault.UNAUTHENTICATED.because(
                    "tokens of another backend are not taken here; register the collector"));
        }
        return Future.<Void>succeededFuture().compose(begin -> {
            var claims = legacy.get().verify(token);
            // One that is revoked has another generation.
            return adoptions
                    .ensure(claims)
                    .map(new CollectorPrincipal(claims.collector(), claims.hostname(), 1, claims.until()));
        });
    }

    /** Whether a token is known for authentic, at almost no cost and without the database. */
    boolean knows(String token) {
        if (!LegacyTokens.isLegacy(token)) {
            return tokens.remembers(token);
        }
        try {
            legacy.ifPresent(secret -> secret.verify(token));
            return legacy.isPresent();
        } catch (FaultException wrong) {
            return false;
        }
    }

    /** Whether a token that was verified can be exchanged for a new one without more. */
    boolean isRenewable(String token) {
        return LegacyTokens.isLegacy(token) || tokens.isV3(token);
    }

    void databaseChanged() {
        adoptions.forget();
    }
}
