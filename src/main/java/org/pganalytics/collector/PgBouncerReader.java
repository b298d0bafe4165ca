package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.pganalytics.collector.Condition.State;
import org.pganalytics.collector.Condition.Unreadable;
import org.pganalytics.model.MetricFamily;

/**
 * Asks a PgBouncer's console, which takes simple queries only and knows few settings. Each reading has a connection of its
 * own: there is nothing to prepare, and none is left behind in a PgBouncer that is told to stop.
 */
final class PgBouncerReader implements FamilyReader {
    private static final String CONSOLE = "pgbouncer";
    /** The major version of every PgBouncer so far; its columns are found by name. */
    private static final int MAJOR = 1;

    private final Vertx vertx;
    private final TargetConfig config;
    private final Duration connectTimeout;
    private final Outlet outlet;
    private final Clock clock;

    PgBouncerReader(Vertx vertx, TargetConfig config, Duration connectTimeout, Outlet outlet, Clock clock) {
        this.vertx = vertx;
        this.config = config;
        this.connectTimeout = connectTimeout;
        this.outlet = outlet;
        this.clock = clock;
    }

    @Override
    public Future<Void> read(MetricFamily family) {
        var statement = family.statementFor(MAJOR);
        if (statement.isEmpty()) {
            return Future.failedFuture(new Unreadable(State.UNSUPPORTED, "it has no command for PgBouncer " + MAJOR));
        }
        long atMicros = clock.millis() * 1000;
        return ask(statement.get().sql())
                .compose(rows ->
                        outlet.give(family, "", FamilyRows.block(family.schema(), config.name(), atMicros, rows)));
    }

    private Future<RowSet<Row>> ask(String command) {
        var pool = PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(1).setMaxWaitQueueSize(1))
                .with(new NetClientOptions().setConnectTimeout((int) connectTimeout.toMillis()))
                .connectingTo(console(config))
                .using(vertx)
                .build();
        return pool.query(command)
                .execute()
                .timeout(connectTimeout.plus(config.statementTimeout()).toMillis(), TimeUnit.MILLISECONDS)
                // Not waited for: a PgBouncer that does not answer would not answer that either.
                .onComplete(done -> pool.close());
    }

    /** Without the settings that a driver asks a server for: the console refuses those it does not know. */
    static PgConnectOptions console(TargetConfig config) {
        Map<String, String> settings = new HashMap<>(Map.of("application_name", "pganalytics collector"));
        return TargetOptions.to(config).setDatabase(CONSOLE).setProperties(settings);
    }
}
