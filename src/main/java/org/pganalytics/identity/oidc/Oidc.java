package org.pganalytics.identity.oidc;

import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import org.pganalytics.identity.federation.FederatedSignIn;
import org.pganalytics.identity.federation.PendingSignIns;

/** The providers of a configuration. */
public final class Oidc {
    private final Vertx vertx;
    private final OidcConfig config;
    private final String publicUrl;
    private final Clock clock;

    /** @param publicUrl where browsers reach this server; what a request says of that is not believed */
    public Oidc(Vertx vertx, OidcConfig config, String publicUrl, Clock clock) {
        this.vertx = vertx;
        this.config = config;
        this.publicUrl = publicUrl;
        this.clock = clock;
    }

    /** @param sessionMax how long a session's cookie is kept */
    public OidcRoutes routes(PendingSignIns pending, FederatedSignIn signIn, Duration sessionMax) {
        var sources = new LinkedHashMap<OidcProviderConfig, PersonSource>();
        config.providers().forEach(provider -> sources.put(provider, source(provider)));
        return new OidcRoutes(sources, pending, signIn, sessionMax);
    }

    private PersonSource source(OidcProviderConfig provider) {
        var http = new ProviderHttp(vertx, provider, config.timeout());
        var codes = new AuthorizationCode(provider, publicUrl + OidcRoutes.callback(provider), http);
        return provider.isGithub()
                ? new GithubSource(provider, http, codes)
                : new OpenIdSource(provider, http, codes, clock, System::nanoTime);
    }
}
