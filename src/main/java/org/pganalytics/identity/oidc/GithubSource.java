package org.pganalytics.identity.oidc;

import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.pganalytics.fault.Fault;
import org.pganalytics.identity.federation.FederatedPerson;
import org.pganalytics.identity.federation.Ticket;

/**
 * Asks GitHub, which speaks OAuth without OpenID Connect: its API says whose the access token is that came for the code. The
 * number is who they are: a login can be given up and taken by somebody else. Groups are organisations ({@code org}) and
 * teams ({@code org/team}).
 */
final class GithubSource implements PersonSource {
    private static final int PER_PAGE = 100;
    private static final int PAGES_MAX = 5;

    private final OidcProviderConfig config;
    private final ProviderHttp http;
    private final AuthorizationCode codes;
    private final String api;

    GithubSource(OidcProviderConfig config, ProviderHttp http, AuthorizationCode codes) {
        this.config = config;
        this.http = http;
        this.codes = codes;
        this.api =
                config.issuer().equals(Preset.GITHUB.issuer()) ? "https://api.github.com" : config.issuer() + "/api/v3";
    }

    @Override
    public Future<String> address(Ticket ticket) {
        return Future.succeededFuture(codes.address(config.issuer() + "/login/oauth/authorize", ticket, Map.of()));
    }

    @Override
    public Future<FederatedPerson> person(Ticket ticket, String code, Optional<String> issuer) {
        return codes.exchange(config.issuer() + "/login/oauth/access_token", ticket, code, false)
                .compose(given -> given.getValue("access_token") instanceof String token
                        ? owner(token)
                        : Future.failedFuture(http.down("gives no access token for a code", null)));
    }

    private Future<FederatedPerson> owner(String token) {
        return ask("/user", token)
                .map(codes::json)
                .compose(user -> page("/user/orgs", token, 1, new ArrayList<>())
                        .compose(orgs -> page("/user/teams", token, 1, new ArrayList<>())
                                .map(teams -> person(user, orgs, teams))));
    }

    private Future<ProviderHttp.Got> ask(String path, String token) {
        return http.get(api + path, Map.of("Authorization", "Bearer " + token, "X-GitHub-Api-Version", "2022-11-28"))
                .map(got -> {
                    if (got.status() != 200) {
                        throw http.down("answers %d for %s".formatted(got.status(), path.split("\\?")[0]), null);
                    }
                    return got;
                });
    }

    private Future<List<JsonObject>> page(String path, String token, int page, List<JsonObject> before) {
        return ask("%s?per_page=%d&page=%d".formatted(path, PER_PAGE, page), token)
                .compose(got -> {
                    var found = list(got);
                    before.addAll(found);
                    if (found.size() < PER_PAGE) {
                        return Future.succeededFuture(before);
                    }
                    // With less than all of them somebody could lose a role.
                    return page == PAGES_MAX
                            ? Future.failedFuture(Fault.FORBIDDEN.because(
                                    "you are in %d organizations or teams or more, which is too many to read"
                                            .formatted(PAGES_MAX * PER_PAGE)))
                            : page(path, token, page + 1, before);
                });
    }

    private List<JsonObject> list(ProviderHttp.Got got) {
        try {
            return new JsonArray(got.body())
                    .stream()
                            .filter(JsonObject.class::isInstance)
                            .map(JsonObject.class::cast)
                            .toList();
        } catch (DecodeException odd) {
            throw http.down("answers without a JSON list", null);
        }
    }

    private FederatedPerson person(JsonObject user, List<JsonObject> orgs, List<JsonObject> teams) {
        boolean known = (user.getValue("id") instanceof Integer || user.getValue("id") instanceof Long)
                && user.getLong("id") > 0
                && user.getValue("login") instanceof String;
        if (!known) {
            throw Fault.UNAUTHENTICATED.because("the provider does not say who you are");
        }
        var groups = new ArrayList<String>();
        orgs.forEach(org -> groups.add(String.valueOf(org.getValue("login"))));
        teams.forEach(team -> {
            if (team.getValue("organization") instanceof JsonObject org) {
                groups.add("%s/%s".formatted(org.getValue("login"), team.getValue("slug")));
            }
        });
        return new FederatedPerson(
                config.provider(),
                user.getLong("id").toString(),
                user.getString("login").toLowerCase(Locale.ROOT),
                config.roles().of(groups));
    }
}
