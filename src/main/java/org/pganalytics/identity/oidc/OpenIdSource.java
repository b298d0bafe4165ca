package org.pganalytics.identity.oidc;

import com.nimbusds.jose.jwk.JWKSet;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.pganalytics.fault.Fault;
import org.pganalytics.identity.federation.FederatedPerson;
import org.pganalytics.identity.federation.Ticket;

/** Asks by OpenID Connect. Nothing is asked before somebody signs in, so that the server starts while a provider is away. */
final class OpenIdSource implements PersonSource {
    private static final Duration METADATA_LIFE = Duration.ofHours(1);
    private static final String NONCE = "nonce";

    private final OidcProviderConfig config;
    private final ProviderHttp http;
    private final AuthorizationCode codes;
    private final IdTokenCheck check;
    private final Fresh<Metadata> metadata;
    private final SigningKeys keys;

    OpenIdSource(
            OidcProviderConfig config,
            ProviderHttp http,
            AuthorizationCode codes,
            Clock clock,
            LongSupplier nanoClock) {
        this.config = config;
        this.http = http;
        this.codes = codes;
        this.check = new IdTokenCheck(config.issuer(), config.clientId(), clock);
        this.metadata = new Fresh<>(this::discover, METADATA_LIFE, nanoClock);
        this.keys = new SigningKeys(() -> metadata.get().compose(this::readKeys), nanoClock);
    }

    private Future<Metadata> discover() {
        var base = config.issuer().replaceFirst("/$", "");
        return http.get(base + "/.well-known/openid-configuration", Map.of()).map(got -> {
            requireOk(got, "about itself");
            try {
                return Metadata.of(codes.json(got), config.issuer());
            } catch (IllegalArgumentException wrong) {
                throw http.down(wrong.getMessage(), null);
            }
        });
    }

    private Future<JWKSet> readKeys(Metadata known) {
        return http.get(known.keys(), Map.of()).map(got -> {
            requireOk(got, "for its keys");
            try {
                return JWKSet.parse(got.body().toString());
            } catch (ParseException | RuntimeException odd) {
                throw http.down("publishes keys that cannot be read", null);
            }
        });
    }

    private void requireOk(ProviderHttp.Got got, String asked) {
        if (got.status() != 200) {
            throw http.down("answers %d when asked %s".formatted(got.status(), asked), null);
        }
    }

    @Override
    public Future<String> address(Ticket ticket) {
        return metadata.get()
                .map(known -> codes.address(known.authorization(), ticket, Map.of(NONCE, ticket.secret(NONCE))));
    }

    @Override
    public Future<FederatedPerson> person(Ticket ticket, String code, Optional<String> issuer) {
        return metadata.get().compose(known -> {
            if (known.saysIssuer() && issuer.isEmpty()
                    || issuer.isPresent() && !issuer.get().equals(config.issuer())) {
                return Future.failedFuture(Fault.UNAUTHENTICATED.because(
                        "another provider has answered than was asked (iss); begin again"));
            }
            return codes.exchange(known.token(), ticket, code, known.basic())
                    .compose(given -> proven(known, ticket, given));
        });
    }

    private Future<FederatedPerson> proven(Metadata known, Ticket ticket, JsonObject given) {
        if (!(given.getValue("id_token") instanceof String token)) {
            return Future.failedFuture(SigningKeys.bad("is missing: does scopes have openid?"));
        }
        return keys.verified(token).compose(claims -> {
            var subject = check.subject(claims, ticket.secret(NONCE));
            return completed(known, subject, claims, given.getValue("access_token"))
                    .map(all -> person(subject, all));
        });
    }

    /** Some providers put little into the token, and tell the rest of whoever shows what came with it. */
    private Future<JsonObject> completed(Metadata known, String subject, JsonObject claims, Object access) {
        boolean complete = Claims.name(claims, config.nameClaim()).isPresent()
                && Claims.groups(claims, config.groupsClaim()).isPresent();
        if (complete || known.userInfo().isEmpty() || !(access instanceof String token)) {
            return Future.succeededFuture(claims);
        }
        return http.get(known.userInfo().get(), Map.of("Authorization", "Bearer " + token))
                .map(got -> {
                    requireOk(got, "about a person");
                    var more = codes.json(got);
                    if (!IdTokenCheck.subject(more).equals(subject)) {
                        throw SigningKeys.bad("and what the provider tells more are of two people");
                    }
                    return more.copy().mergeIn(claims);
                });
    }

    private FederatedPerson person(String subject, JsonObject claims) {
        var groups = Claims.groups(claims, config.groupsClaim());
        if (groups.isEmpty()
                && claims.getValue("_claim_names") instanceof JsonObject elsewhere
                && elsewhere.containsKey(config.groupsClaim())) {
            throw Fault.FORBIDDEN.because(
                    "you have more groups than the provider puts into a token: let it send roles, or only groups of this"
                            + " application (docs/security.md)");
        }
        return new FederatedPerson(
                config.provider(),
                subject,
                Claims.name(claims, config.nameClaim()).orElse(""),
                groups.flatMap(config.roles()::of));
    }
}
