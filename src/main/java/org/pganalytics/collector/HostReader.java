package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.pganalytics.collector.Condition.State;
import org.pganalytics.collector.Condition.Unreadable;
import org.pganalytics.collector.host.HostFacts;
import org.pganalytics.model.MetricFamily;

/** Reads the machine that the agent runs on, for a target that is on it too. */
final class HostReader implements FamilyReader {
    private final String target;
    private final HostFacts facts;
    private final WorkerExecutor worker;
    private final Outlet outlet;
    private final Clock clock;

    /** @param worker reads files; shared by all targets */
    HostReader(String target, HostFacts facts, WorkerExecutor worker, Outlet outlet, Clock clock) {
        this.target = target;
        this.facts = facts;
        this.worker = worker;
        this.outlet = outlet;
        this.clock = clock;
    }

    @Override
    public Future<Condition> read(MetricFamily family) {
        if (!facts.families().contains(family.name())) {
            return Future.failedFuture(new Unreadable(
                    State.UNSUPPORTED,
                    "source = host has rows for %s only"
                            .formatted(facts.families().stream().sorted().toList())));
        }
        return worker.executeBlocking(() -> rows(family), false)
                .compose(rows ->
                        outlet.give(family, "", FamilyRows.block(family.schema(), target, clock.millis() * 1000, rows)))
                .map(Condition.OK);
    }

    private List<Map<String, Object>> rows(MetricFamily family) {
        try {
            return facts.rows(family.name());
        } catch (IOException missing) {
            throw new Unreadable(State.MISSING, "cannot be read on this system: " + missing.getMessage());
        }
    }
}
