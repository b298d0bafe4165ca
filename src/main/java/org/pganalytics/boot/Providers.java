package org.pganalytics.boot;

import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.http.Operations;
import org.pganalytics.identity.Sessions;
import org.pganalytics.identity.SignIn;
import org.pganalytics.identity.federation.FederatedSignIn;
import org.pganalytics.identity.federation.PendingSignIns;
import org.pganalytics.identity.federation.SignInMethods;
import org.pganalytics.identity.oidc.Oidc;
import org.pganalytics.secrets.RandomSecrets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The providers that know people, put together for a server; none of them is asked before somebody signs in. */
final class Providers {
    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);
    private static final Duration TRIM_EVERY = Duration.ofMinutes(10);

    private final ServerConfig config;
    private final Vertx vertx;
    private final Pool pool;
    private final AuditTrail audit;
    private final Clock clock;

    Providers(ServerConfig config, Vertx vertx, Pool pool, AuditTrail audit, Clock clock) {
        this.config = config;
        this.vertx = vertx;
        this.pool = pool;
        this.audit = audit;
        this.clock = clock;
    }

    void mount(Operations operations, Sessions sessions, SignIn.Strangers strangers) {
        var pending = new PendingSignIns(pool, new RandomSecrets(new SecureRandom()));
        var signIn = new FederatedSignIn(pool, sessions, strangers, audit);
        var oidc = new Oidc(vertx, config.oidc(), config.federation().publicUrl(), clock)
                .routes(pending, signIn, config.identity().sessionMax());
        oidc.mount(operations);
        new SignInMethods(oidc.methods()).mount(operations);
        vertx.setPeriodic(
                TRIM_EVERY.toMillis(),
                due -> pending.trim()
                        .onFailure(
                                failure -> LOG.debug("Sign-ins that are over stay for now: {}", failure.getMessage())));
    }
}
