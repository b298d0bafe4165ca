package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import org.pganalytics.collector.Condition.State;
import org.pganalytics.collector.Condition.Unreadable;
import org.pganalytics.model.MetricFamily;

/** Reads what a PgBouncer's console shows. */
final class PgBouncerReader implements FamilyReader {
    /** The major version of every PgBouncer so far; its columns are found by name. */
    static final int MAJOR = 1;

    private final TargetConfig config;
    private final PgBouncerConsole console;
    private final Outlet outlet;
    private final Clock clock;

    PgBouncerReader(Vertx vertx, TargetConfig config, Duration connectTimeout, Outlet outlet, Clock clock) {
        this.config = config;
        this.console = new PgBouncerConsole(vertx, config, connectTimeout);
        this.outlet = outlet;
        this.clock = clock;
    }

    @Override
    public Future<Condition> read(MetricFamily family) {
        var statement = family.statementFor(MAJOR);
        if (statement.isEmpty()) {
            return Future.failedFuture(new Unreadable(State.UNSUPPORTED, "it has no command for PgBouncer " + MAJOR));
        }
        long atMicros = clock.millis() * 1000;
        return console.ask(statement.get().sql())
                .compose(rows ->
                        outlet.give(family, "", FamilyRows.block(family.schema(), config.name(), atMicros, rows)))
                .map(Condition.OK);
    }
}
