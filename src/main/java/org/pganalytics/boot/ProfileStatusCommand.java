package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.pganalytics.fleet.Assignment;
import org.pganalytics.fleet.Assignments;
import org.pganalytics.fleet.CollectorPage;
import org.pganalytics.fleet.RollOutStates;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** How far it is. */
@Command(
        name = "status",
        description = "Lists the assignments in the order in which they count, and what each collector is to run and"
                + " runs.",
        mixinStandardHelpOptions = true)
final class ProfileStatusCommand implements Callable<Integer> {
    @Mixin
    private InventoryCommand common;

    private record Found(List<Assignment> assignments, List<RollOutStates.State> states) {}

    @Override
    public Integer call() {
        var inventory = common.inventory();
        var found = inventory.ask((vertx, pool) -> {
            var trail = inventory.trail();
            var states = new RollOutStates(pool, trail);
            return new Assignments(pool, trail)
                    .list()
                    .compose(assignments -> more(states, CollectorPage.Cursor.START, new ArrayList<>())
                            .map(all -> new Found(assignments, all)));
        });
        var assignments = new JsonArray();
        found.assignments().forEach(one -> assignments.add(one.json()));
        var collectors = new JsonArray();
        found.states().forEach(one -> collectors.add(one.json()));
        return common.tell(new JsonObject().put("assignments", assignments).put("collectors", collectors), text(found));
    }

    private static Future<List<RollOutStates.State>> more(
            RollOutStates states, CollectorPage.Cursor after, List<RollOutStates.State> found) {
        return states.page(after, RollOutStates.PAGE_MAX).compose(page -> {
            found.addAll(page);
            if (page.size() < RollOutStates.PAGE_MAX) {
                return Future.succeededFuture(found);
            }
            var last = page.get(page.size() - 1);
            return more(states, new CollectorPage.Cursor(last.name(), last.collector()), found);
        });
    }

    private static String text(Found found) {
        var lines = new ArrayList<String>();
        found.assignments().forEach(one -> lines.add(described(one)));
        var states = found.states().stream()
                .map(one -> List.of(
                        one.name(),
                        one.assigned(),
                        one.running(),
                        one.progress().name().toLowerCase(java.util.Locale.ROOT),
                        one.note()))
                .toList();
        lines.add(Columns.of(List.of("collector", "is to run", "runs", "progress", "note"), states));
        return String.join(System.lineSeparator(), lines);
    }

    static String described(Assignment one) {
        return "%s: version %d for %d %% of %s, precedence %d%s"
                .formatted(
                        one.profile(),
                        one.current().number(),
                        one.percent(),
                        one.selector().toString().isEmpty() ? "all" : one.selector(),
                        one.precedence(),
                        one.before()
                                .map(before -> ", before it " + before.number())
                                .orElse(""));
    }
}
