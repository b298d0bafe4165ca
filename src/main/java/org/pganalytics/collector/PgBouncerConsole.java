package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A PgBouncer's console, which takes simple queries only and knows few settings. Each command has a connection of its own:
 * there is nothing to prepare, and none is left behind in a PgBouncer that is told to stop.
 */
final class PgBouncerConsole {
    static final String NAME = "pgbouncer";

    private final Vertx vertx;
    private final TargetConfig config;
    private final Duration connectTimeout;

    PgBouncerConsole(Vertx vertx, TargetConfig config, Duration connectTimeout) {
        this.vertx = vertx;
        this.config = config;
        this.connectTimeout = connectTimeout;
    }

    Future<RowSet<Row>> ask(String command) {
        var longest = connectTimeout.plus(config.statementTimeout());
        var pool = PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(1).setMaxWaitQueueSize(1))
                .with(new NetClientOptions()
                        .setConnectTimeout((int) connectTimeout.toMillis())
                        // A closed pool leaves a connection open on which it waits for a greeting.
                        .setIdleTimeout((int) longest.toMillis())
                        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS))
                .connectingTo(options())
                .using(vertx)
                .build();
        return pool.query(command)
                .execute()
                .timeout(longest.toMillis(), TimeUnit.MILLISECONDS)
                // Not waited for: a PgBouncer that does not answer would not answer that either.
                .onComplete(done -> pool.close());
    }

    /** Without the settings that a driver asks a server for: the console refuses those it does not know. */
    private PgConnectOptions options() {
        Map<String, String> settings = new HashMap<>(Map.of("application_name", "pganalytics collector"));
        return TargetOptions.to(config).setDatabase(NAME).setProperties(settings);
    }
}
