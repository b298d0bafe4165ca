package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;

/** Room for one connection: a pool of one, so that cutting it off also ends a connection that never got an answer. */
final class ConnectionLane {
    private final Vertx vertx;
    private final PgConnectOptions options;
    private final TargetConfig config;
    private final Duration connectTimeout;
    private Pool pool;
    private String database;
    private Future<TargetSession> session;
    private boolean taken;

    ConnectionLane(Vertx vertx, PgConnectOptions options, TargetConfig config, Duration connectTimeout) {
        this.vertx = vertx;
        this.options = options;
        this.config = config;
        this.connectTimeout = connectTimeout;
    }

    boolean isFree() {
        return !taken;
    }

    boolean isOpen() {
        return pool != null;
    }

    boolean isAt(String name) {
        return pool != null && name.equals(database);
    }

    void take() {
        taken = true;
    }

    void giveBack() {
        taken = false;
    }

    Future<TargetSession> session(String name) {
        if (!isAt(name)) {
            return cut().compose(gone -> open(name));
        }
        return session.compose(TargetSession::fresh);
    }

    private Future<TargetSession> open(String name) {
        var opened = PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(1).setMaxWaitQueueSize(1))
                .with(new NetClientOptions().setConnectTimeout((int) connectTimeout.toMillis()))
                .connectingTo(new PgConnectOptions(options).setDatabase(name))
                .using(vertx)
                .build();
        pool = opened;
        database = name;
        session = opened.getConnection().compose(connection -> {
            connection.closeHandler(closed -> lost(opened));
            return TargetSession.open(connection, config);
        });
        return session.onFailure(failure -> lost(opened));
    }

    /** A connection that is gone, or never came, takes its pool along. */
    private void lost(Pool from) {
        if (pool == from) {
            cut();
        }
    }

    /** Ends the connection, in whatever state it is. */
    Future<Void> cut() {
        var closing = pool;
        pool = null;
        database = null;
        session = null;
        return closing == null ? Future.succeededFuture() : closing.close().otherwiseEmpty();
    }
}
