package org.pganalytics.ingest;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.pganalytics.admission.Doorkeeper;
import org.pganalytics.admission.Registration;
import org.pganalytics.admission.TokenGrant;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.CollectorPrincipal;

/** Knows the tokens {@code token-UUID}, the secret {@code open sesame}, and who is revoked. */
public final class FakeDoorkeeper implements Doorkeeper {
    public static final String SECRET = "open sesame!";
    public final Map<UUID, Boolean> revoked = new ConcurrentHashMap<>();
    /** Tokens of whoever is no stranger. */
    public final Set<String> known = ConcurrentHashMap.newKeySet();

    public volatile FaultException refreshFailsOnce;
    /** What comes of the next authentications; an empty one never ends. */
    public final Queue<Future<CollectorPrincipal>> next = new ConcurrentLinkedQueue<>();

    public static String token(UUID collector) {
        return "token-" + collector;
    }

    @Override
    public Future<Registration> register(String secret, String name, String version, String address) {
        if (!secret.equals(SECRET)) {
            return Future.failedFuture(Fault.UNAUTHENTICATED.because("the registration secret is not known"));
        }
        var collector = UUID.randomUUID();
        return Future.succeededFuture(new Registration(collector, token(collector), "refresh-0", Duration.ofHours(1)));
    }

    @Override
    public Future<Registration> registerV3(String secret, String name, String version, String address) {
        return register(secret, name, version, address);
    }

    @Override
    public boolean knows(String token) {
        return known.contains(token);
    }

    @Override
    public Future<CollectorPrincipal> authenticate(String token) {
        var scripted = next.poll();
        if (scripted != null) {
            return scripted;
        }
        if (!token.startsWith("token-")) {
            return Future.failedFuture(Fault.UNAUTHENTICATED.because("the token is not known"));
        }
        var collector = UUID.fromString(token.substring(6));
        return revoked.containsKey(collector)
                ? Future.failedFuture(Fault.REVOKED.because("revoked"))
                : Future.succeededFuture(
                        new CollectorPrincipal(collector, "c", 1, Instant.now().plusSeconds(3600)));
    }

    @Override
    public Future<TokenGrant> exchange(String token, String address) {
        return authenticate(token)
                .map(principal -> new TokenGrant(principal.collector(), token, null, Duration.ofHours(1)));
    }

    @Override
    public Future<TokenGrant> refresh(UUID collectorOrNull, String refreshSecret, String address) {
        var failure = refreshFailsOnce;
        refreshFailsOnce = null;
        if (failure != null) {
            return Future.failedFuture(failure);
        }
        return refreshSecret.startsWith("refresh-")
                ? Future.succeededFuture(
                        new TokenGrant(collectorOrNull, token(collectorOrNull), "refresh-1", Duration.ofHours(1)))
                : Future.failedFuture(Fault.UNAUTHENTICATED.because("the refresh secret is not known"));
    }

    @Override
    public Future<Void> confirm(UUID collector, String refreshSecret, String address) {
        return refreshSecret.startsWith("refresh-")
                ? Future.succeededFuture()
                : Future.failedFuture(Fault.UNAUTHENTICATED.because("the refresh secret is not this collector's"));
    }
}
