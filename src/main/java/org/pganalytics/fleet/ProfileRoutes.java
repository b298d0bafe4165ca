package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Cursor;
import org.pganalytics.http.Operations;
import org.pganalytics.http.Page;

/** Profiles, their roll-out and the labels it goes by, over HTTP: what docs/openapi.yaml has under profiles. */
public final class ProfileRoutes {
    private final Profiles profiles;
    private final Assignments assignments;
    private final RollOutStates states;

    public ProfileRoutes(Pool pool, AuditTrail audit, ProfileReading reading) {
        this.profiles = new Profiles(pool, audit, reading);
        this.assignments = new Assignments(pool, audit);
        this.states = new RollOutStates(pool, audit);
    }

    public void mount(Operations operations) {
        operations.on(
                "listProfiles", call -> profiles.list().map(all -> listed("profiles", all, ProfileVersion::summary)));
        operations.on(
                "listProfileVersions",
                call -> profiles.versions(call.text("profile"))
                        .map(all -> listed("versions", all, ProfileVersion::summary)));
        operations.on(
                "showProfileVersion",
                call -> profiles.version(call.text("profile"), call.integer("version"))
                        .map(found -> Answer.ok(found.json())));
        operations.on("addProfileVersion", this::add);
        operations.on(
                "listAssignments", call -> assignments.list().map(all -> listed("assignments", all, Assignment::json)));
        operations.on("assignProfile", this::assign);
        operations.on("rollBackProfile", this::rollBack);
        operations.on(
                "unassignProfile",
                call -> assignments
                        .end(call.text("profile"), selector(call), call.actor())
                        .map(Answer.nothing()));
        operations.on("listRollOut", this::rollOut);
        operations.on("showLabels", call -> states.of(call.uuid("collector")).map(state -> Answer.ok(state.json())));
        operations.on("setLabels", this::label);
    }

    private Future<Answer> add(Call call) {
        return profiles.add(
                        call.text("profile"),
                        call.body().getString("document"),
                        call.body().getString("comment", ""),
                        call.actor())
                .map(added -> Answer.created(added.json()));
    }

    private Future<Answer> assign(Call call) {
        var rollOut = new Assignments.RollOut(
                call.text("profile"),
                call.body().getInteger("version"),
                selector(call),
                whole(call, "precedence"),
                call.body().getInteger("percent", 100));
        return assignments.assign(rollOut, call.actor()).map(now -> Answer.ok(now.json()));
    }

    private Future<Answer> rollBack(Call call) {
        return assignments
                .rollBack(call.text("profile"), selector(call), whole(call, "version"), call.actor())
                .map(now -> Answer.ok(now.json()));
    }

    private Future<Answer> rollOut(Call call) {
        var after = Cursor.read(
                        call, 2, values -> new CollectorPage.Cursor(values.get(0), UUID.fromString(values.get(1))))
                .orElse(CollectorPage.Cursor.START);
        return states.page(after, call.integer("limit") + 1)
                .map(found -> Page.of(
                        call,
                        "collectors",
                        found,
                        RollOutStates.State::json,
                        last -> List.of(last.name(), last.collector().toString())));
    }

    private Future<Answer> label(Call call) {
        var labels = new TreeMap<String, String>();
        call.body().getJsonObject("labels").forEach(label -> labels.put(label.getKey(), (String) label.getValue()));
        return states.label(call.uuid("collector"), labels, call.actor()).map(state -> Answer.ok(state.json()));
    }

    private static Selector selector(Call call) {
        return Selector.parse(call.body().getString("selector", ""));
    }

    private static OptionalInt whole(Call call, String key) {
        var value = call.body().getInteger(key);
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static <E> Answer listed(String name, List<E> all, Function<E, JsonObject> json) {
        var shown = new JsonArray();
        all.stream().map(json).forEach(shown::add);
        return Answer.ok(new JsonObject().put(name, shown));
    }
}
