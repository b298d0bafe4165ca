package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Cursor;
import org.pganalytics.http.Operations;
import org.pganalytics.http.Page;

/** The watched servers, over HTTP: what docs/openapi.yaml has under that tag. */
public final class TargetRoutes {
    private final WatchedTargets targets;

    public TargetRoutes(Pool pool) {
        this.targets = new WatchedTargets(pool);
    }

    public void mount(Operations operations) {
        operations.on("listTargets", this::list);
        operations.on("showTarget", this::show);
    }

    private Future<Answer> show(Call call) {
        int target = call.integer("target");
        return targets.find(target)
                .map(found -> Answer.ok(
                        found.orElseThrow(() -> Fault.NOT_FOUND.because("there is no target %d".formatted(target)))
                                .json()));
    }

    private Future<Answer> list(Call call) {
        int after =
                Cursor.read(call, 1, values -> Integer.parseInt(values.get(0))).orElse(0);
        return targets.list(
                        after,
                        call.optional("collector").map(UUID::fromString),
                        call.optional("name"),
                        call.integer("limit") + 1)
                .map(found -> Page.of(
                        call, "targets", found, TargetEntry::json, last -> List.of(Integer.toString(last.target()))));
    }
}
