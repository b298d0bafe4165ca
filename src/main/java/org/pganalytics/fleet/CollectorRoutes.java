package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.UUID;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.bus.Bus;
import org.pganalytics.fleet.CollectorSearch.After;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Cursor;
import org.pganalytics.http.Operations;
import org.pganalytics.http.Page;

/** The collectors, over HTTP: what docs/openapi.yaml has under that tag. */
public final class CollectorRoutes {
    private final Collectors collectors;
    private final CollectorSearch search;
    private final CollectorLimits limits;
    private final Whereabouts whereabouts;

    public CollectorRoutes(Pool pool, AuditTrail audit, Bus bus, Whereabouts whereabouts) {
        this.whereabouts = whereabouts;
        this.collectors = new Collectors(pool, audit, bus);
        this.search = new CollectorSearch(pool);
        this.limits = new CollectorLimits(pool, audit);
    }

    public void mount(Operations operations) {
        operations.on("listCollectors", this::list);
        operations.on("showCollector", this::show);
        operations.on(
                "deleteCollector",
                call -> collectors.delete(call.uuid("collector"), call.actor()).map(Answer.nothing()));
        operations.on(
                "revokeCollector",
                call -> collectors
                        .revoke(
                                call.uuid("collector"),
                                call.actor(),
                                call.body().getString("reason", ""))
                        .compose(this::placed)
                        .map(Answer::ok));
        operations.on("showLimits", call -> limits.get(call.uuid("collector")).map(found -> Answer.ok(found.json())));
        operations.on(
                "setLimits",
                call -> limits.set(call.uuid("collector"), CollectorLimits.Limits.of(call.body()), call.actor())
                        .map(now -> Answer.ok(now.json())));
    }

    private Future<Answer> show(Call call) {
        var collector = call.uuid("collector");
        return collectors
                .find(collector)
                .compose(found -> placed(found.orElseThrow(() -> Collectors.unknown(collector))))
                .map(Answer::ok);
    }

    private Future<JsonObject> placed(CollectorEntry entry) {
        return whereabouts.of(List.of(entry.collector())).map(places -> entry.json(places));
    }

    private Future<Answer> list(Call call) {
        boolean descending = call.text("sort").startsWith("-");
        var sort = call.text("sort").endsWith("name") ? CollectorSearch.Sort.NAME : CollectorSearch.Sort.REGISTERED_AT;
        var condition = new CollectorSearch.Condition(
                call.optional("state").map("revoked"::equals), call.optional("name"), call.time("seen_before"));
        var after =
                Cursor.read(call, 2, values -> new After(sort.value(values.get(0)), UUID.fromString(values.get(1))));
        return search.find(condition, sort, descending, after, call.integer("limit"))
                .compose(found -> whereabouts
                        .of(found.stream().map(CollectorEntry::collector).toList())
                        .map(places -> Page.of(
                                call, "collectors", found, entry -> entry.json(places), last -> position(sort, last))));
    }

    private static List<String> position(CollectorSearch.Sort sort, CollectorEntry last) {
        var value = sort == CollectorSearch.Sort.NAME
                ? last.name()
                : last.registeredAt().toString();
        return List.of(value, last.collector().toString());
    }
}
