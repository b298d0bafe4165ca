package org.pganalytics.storage;

import io.vertx.core.Future;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Cursor;
import org.pganalytics.http.Operations;
import org.pganalytics.http.Page;
import org.pganalytics.storage.QuarantinedBatch.State;

/** The quarantine, over HTTP: what docs/openapi.yaml has under that tag. */
public final class QuarantineRoutes {
    private final Quarantine quarantine;
    private final QuarantineReplay replay;

    public QuarantineRoutes(Quarantine quarantine, QuarantineReplay replay) {
        this.quarantine = quarantine;
        this.replay = replay;
    }

    public void mount(Operations operations) {
        operations.on("listQuarantine", this::list);
        operations.on("showQuarantined", call -> shown(quarantine.find(id(call))));
        operations.on("replayQuarantined", call -> shown(replay.replay(id(call), call.actor())));
        operations.on("discardQuarantined", call -> shown(quarantine.discard(id(call), call.actor())));
    }

    private static long id(Call call) {
        return Long.parseLong(call.text("batch"));
    }

    private static Future<Answer> shown(Future<QuarantinedBatch> found) {
        return found.map(batch -> Answer.ok(batch.json()));
    }

    private Future<Answer> list(Call call) {
        var condition = new Quarantine.Condition(
                call.optional("state").map(word -> State.valueOf(word.toUpperCase(Locale.ROOT))),
                call.optional("collector").map(UUID::fromString),
                call.optional("fault"));
        long before =
                Cursor.read(call, 1, values -> Long.valueOf(values.get(0))).orElse(Long.MAX_VALUE);
        return quarantine
                .list(condition, before, call.integer("limit") + 1)
                .map(found -> Page.of(
                        call, "batches", found, QuarantinedBatch::json, last -> List.of(Long.toString(last.id()))));
    }
}
