package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Operations;
import org.pganalytics.model.Permission;
import org.pganalytics.model.Principal;
import org.pganalytics.model.Role;

/** Signing in and out, over HTTP: what docs/openapi.yaml has under "session". */
public final class SessionRoutes {
    private final LocalSignIn local;
    private final Sessions sessions;
    private final IdentityConfig config;

    public SessionRoutes(LocalSignIn local, Sessions sessions, IdentityConfig config) {
        this.local = local;
        this.sessions = sessions;
        this.config = config;
    }

    public void mount(Operations operations) {
        operations.on("signIn", this::signIn);
        operations.on("redeemCode", this::redeem);
        operations.on("showSession", call -> Future.succeededFuture(Answer.ok(shown(call))));
        operations.on("signOut", this::signOut);
        operations.on("changePassword", this::changePassword);
        operations.on(
                "listOwnSessions",
                call -> sessions.list(person(call).personName())
                        .map(found -> Answer.ok(new JsonObject().put("sessions", json(found)))));
        operations.on(
                "endOwnSession",
                call -> local.end(
                                person(call),
                                call.uuid("session"),
                                call.origin().address())
                        .map(Answer.nothing()));
    }

    private Future<Answer> signIn(Call call) {
        var asked = call.body();
        return local.signIn(
                        asked.getString("name"),
                        asked.getString("password"),
                        asked.getString("code", ""),
                        call.origin())
                .map(cookie -> Answer.created(new JsonObject().put("csrf_token", SessionCookie.csrfToken(cookie)))
                        .with("Set-Cookie", SessionCookie.set(cookie, config.sessionMax())));
    }

    private Future<Answer> redeem(Call call) {
        var asked = call.body();
        return local.redeem(
                        asked.getString("code"),
                        asked.getString("name"),
                        asked.getString("password"),
                        call.origin().address())
                .map(Answer.nothing());
    }

    private static JsonObject shown(Call call) {
        var who = call.principal();
        var permissions = Arrays.stream(Permission.values())
                .filter(who::may)
                .map(Permission::key)
                .toList();
        return new JsonObject()
                .put("name", who.name())
                .put("role", who.role().map(Role::key).orElse(null))
                .put("lacks_second_factor", who.lacksFactor())
                .put("permissions", new JsonArray(permissions))
                .put(
                        "csrf_token",
                        who.signedIn()
                                .map(session ->
                                        SessionCookie.csrfToken(call.origin().session()))
                                .orElse(null));
    }

    private Future<Answer> signOut(Call call) {
        var who = person(call);
        return local.end(
                        who,
                        who.signedIn().orElseThrow().session(),
                        call.origin().address())
                .map(Answer.nothing().with("Set-Cookie", SessionCookie.clear()));
    }

    private Future<Answer> changePassword(Call call) {
        var asked = call.body();
        var change =
                new LocalSignIn.Change(asked.getString("current"), asked.getString("new"), asked.getString("code", ""));
        return local.changePassword(person(call), change, call.origin().address())
                .map(Answer.nothing());
    }

    static Principal person(Call call) {
        if (call.principal().signedIn().isEmpty()) {
            throw Fault.CONFLICT.because("a token has no session, and none makes tokens; people sign in for that");
        }
        return call.principal();
    }

    /** As the API shows them. */
    public static JsonArray json(List<Session> sessions) {
        var shown = new JsonArray();
        sessions.forEach(session -> shown.add(new JsonObject()
                .put("id", session.id().toString())
                .put("address", session.address())
                .put("agent", session.agent())
                .put("begun_at", session.begunAt().toString())
                .put("seen_at", session.seenAt().toString())
                .put("ends_at", session.endsAt().toString())));
        return shown;
    }
}
