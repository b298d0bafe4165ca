package org.pganalytics.collector;

import io.vertx.core.Future;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.pganalytics.model.MetricFamily;

/** Tells the server how reading each family of a target goes, so that a missing privilege is seen there too. */
final class ConditionReader implements FamilyReader {
    private final String target;
    private final Supplier<List<FamilyJob>> jobs;
    private final Outlet outlet;
    private final Clock clock;

    /** @param jobs of the same target */
    ConditionReader(String target, Supplier<List<FamilyJob>> jobs, Outlet outlet, Clock clock) {
        this.target = target;
        this.jobs = jobs;
        this.outlet = outlet;
        this.clock = clock;
    }

    @Override
    public Future<Condition> read(MetricFamily family) {
        var rows = new ArrayList<Map<String, Object>>();
        for (var job : jobs.get()) {
            job.condition().ifPresent(condition -> rows.add(row(job, condition)));
        }
        return outlet.give(family, "", FamilyRows.block(family.schema(), target, clock.millis() * 1000, rows))
                .map(Condition.OK);
    }

    private static Map<String, Object> row(FamilyJob job, Condition condition) {
        var row = new HashMap<String, Object>();
        row.put("family", job.family().name());
        row.put("state", condition.state().spelled());
        row.put("interval_seconds", job.interval().toMillis() / 1000.0);
        Optional.of(condition.sqlState()).filter(code -> !code.isEmpty()).ifPresent(code -> row.put("sqlstate", code));
        Optional.of(condition.message()).filter(text -> !text.isEmpty()).ifPresent(text -> row.put("message", text));
        return row;
    }
}
