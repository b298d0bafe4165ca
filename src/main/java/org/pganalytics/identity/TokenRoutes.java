package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Moment;
import org.pganalytics.http.Operations;
import org.pganalytics.model.Permission;

/** API tokens, over HTTP: what docs/openapi.yaml has under "tokens". */
public final class TokenRoutes {
    private final ApiTokens tokens;

    public TokenRoutes(ApiTokens tokens) {
        this.tokens = tokens;
    }

    public void mount(Operations operations) {
        operations.on("listOwnTokens", call -> tokens.listOwn(person(call)).map(TokenRoutes::listed));
        operations.on("createOwnToken", this::createOwn);
        operations.on(
                "revokeOwnToken",
                call -> tokens.revokeOwn(person(call), call.uuid("token"), by(call))
                        .map(Answer.nothing()));
        operations.on("listTokens", call -> tokens.list().map(TokenRoutes::listed));
        operations.on(
                "createServiceToken",
                call -> tokens.addService(wish(call), by(call)).map(made -> Answer.created(json(made))));
        operations.on(
                "revokeToken",
                call -> tokens.revoke(call.uuid("token"), by(call)).map(Answer.nothing()));
    }

    private Future<Answer> createOwn(Call call) {
        if (call.principal().lacksFactor()) {
            throw Fault.PROOF_WANTED.because(
                    "this role takes a second factor: add one (POST /api/v1/session/second-factor), then make tokens");
        }
        return tokens.addOwn(person(call), wish(call), by(call)).map(made -> Answer.created(json(made)));
    }

    private static UUID person(Call call) {
        return SessionRoutes.person(call).signedIn().orElseThrow().person();
    }

    private static ApiTokens.By by(Call call) {
        return new ApiTokens.By(call.actor(), call.origin().address());
    }

    private static ApiTokens.Wish wish(Call call) {
        var asked = call.body();
        var scopes = asked.getJsonArray("scopes").stream().map(String::valueOf).toList();
        return new ApiTokens.Wish(asked.getString("name"), scopes(scopes), time(asked.getString("ends_at")));
    }

    private static Instant time(String text) {
        try {
            return Moment.parse(text).toInstant();
        } catch (DateTimeException odd) {
            throw Fault.BAD_REQUEST.because("ends_at must be a time such as 2026-11-21T08:30:00Z");
        }
    }

    /** Fails with BAD_REQUEST for one that there is not. */
    public static EnumSet<Permission> scopes(List<String> keys) {
        var scopes = EnumSet.noneOf(Permission.class);
        for (var key : keys) {
            scopes.add(Permission.of(key)
                    .orElseThrow(() -> Fault.BAD_REQUEST.because("there is no such scope; there are "
                            + EnumSet.allOf(Permission.class).stream()
                                    .filter(Permission::isForTokens)
                                    .map(Permission::key)
                                    .collect(Collectors.joining(", ")))));
        }
        return scopes;
    }

    private static Answer listed(List<ApiToken> tokens) {
        var shown = new JsonArray();
        tokens.forEach(token -> shown.add(json(token)));
        return Answer.ok(new JsonObject().put("tokens", shown));
    }

    /** As the API and the command line show them. */
    public static JsonObject json(ApiToken token) {
        return new JsonObject()
                .put("id", token.id().toString())
                .put("name", token.name())
                .put("person", token.owner().orElse(null))
                .put("scopes", new JsonArray(token.scopes()))
                .put("created_by", token.createdBy())
                .put("created_at", token.createdAt().toString())
                .put("ends_at", token.endsAt().toString())
                .put("last_used_at", token.lastUsedAt().map(Instant::toString).orElse(null))
                .put("revoked_at", token.revokedAt().map(Instant::toString).orElse(null));
    }

    /** The same, with the token. */
    public static JsonObject json(ApiTokens.Made made) {
        return json(made.token()).put("token", made.text());
    }
}
