package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Operations;
import org.pganalytics.model.Role;

/** Who may sign in, over HTTP: what docs/openapi.yaml has under "people". */
public final class PeopleRoutes {
    private final People people;
    private final Sessions sessions;

    public PeopleRoutes(People people, Sessions sessions) {
        this.people = people;
        this.sessions = sessions;
    }

    public void mount(Operations operations) {
        operations.on(
                "listPeople",
                call -> people.list().map(found -> {
                    var shown = new JsonArray();
                    found.forEach(person -> shown.add(json(person)));
                    return Answer.ok(new JsonObject().put("people", shown));
                }));
        operations.on("showPerson", this::show);
        operations.on(
                "addPerson",
                call -> people.add(call.body().getString("name"), role(call), call.actor())
                        .map(invited -> Answer.created(json(invited))));
        operations.on(
                "setRole",
                call -> people.setRole(call.text("person"), role(call), call.actor())
                        .map(person -> Answer.ok(json(person))));
        operations.on(
                "setDisabled",
                call -> people.setDisabled(call.text("person"), call.body().getBoolean("disabled"), call.actor())
                        .map(person -> Answer.ok(json(person))));
        operations.on(
                "resetSecondFactor",
                call -> people.resetFactor(call.text("person"), call.actor()).map(Answer.nothing()));
        operations.on(
                "resetPassword",
                call -> people.reset(call.text("person"), call.actor()).map(invited -> Answer.created(json(invited))));
    }

    private Future<Answer> show(Call call) {
        return people.show(call.text("person"))
                .compose(person -> sessions.list(person.name())
                        .map(found -> Answer.ok(json(person).put("sessions", SessionRoutes.json(found)))));
    }

    private static Role role(Call call) {
        return Role.of(call.body().getString("role")).orElseThrow();
    }

    /** As the API and the command line show them. */
    public static JsonObject json(Person person) {
        return new JsonObject()
                .put("name", person.name())
                .put("role", person.role().key())
                .put("source", person.source())
                .put("provider", person.provider().orElse(null))
                .put("has_password", person.hasPassword())
                .put("created_at", person.createdAt().toString())
                .put("disabled_at", person.disabledAt().map(Instant::toString).orElse(null))
                .put("signed_in_at", person.signedInAt().map(Instant::toString).orElse(null));
    }

    /** The same, with the code. */
    public static JsonObject json(People.Invited invited) {
        return json(invited.person())
                .put("code", invited.code().text())
                .put("code_ends_at", invited.code().endsAt().toString());
    }
}
