package org.pganalytics.collector;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Room for one connection: a pool of one, so that cutting it off also ends a connection that never got an answer. */
final class ConnectionLane {
    private static final long CLOSE_MILLIS = 1_000;

    private final Vertx vertx;
    private final PgConnectOptions options;
    private final Reach reach;
    private final String mainDatabase;
    private final Duration connectTimeout;
    private Pool pool;
    private String database;
    private Future<TargetSession> session;
    private boolean taken;
    private boolean opening;
    private long attempt;

    ConnectionLane(Vertx vertx, PgConnectOptions options, Reach reach, String mainDatabase, Duration connectTimeout) {
        this.vertx = vertx;
        this.options = options;
        this.reach = reach;
        this.mainDatabase = mainDatabase;
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

    /** Fails with {@link TargetAway} when the target, and not only this database of it, cannot be had. */
    Future<TargetSession> session(String name) {
        if (isAt(name)) {
            return session.compose(TargetSession::fresh);
        }
        var away = reach.away(System.nanoTime());
        if (away.isPresent()) {
            return Future.failedFuture(away.get());
        }
        opening = true;
        long mine = ++attempt;
        return cut().compose(gone -> open(name))
                .transform(done ->
                        mine == attempt ? opened(done, name) : Future.failedFuture("the connection was given up"));
    }

    private Future<TargetSession> opened(AsyncResult<TargetSession> done, String name) {
        opening = false;
        if (done.succeeded()) {
            reach.reached();
            return Future.succeededFuture(done.result());
        }
        return Future.failedFuture(reach.failed(done.cause(), name.equals(mainDatabase), System.nanoTime()));
    }

    /** What takes too long is no longer waited for, and to be {@link #cut}. @return what to tell whoever waits */
    Throwable late(Duration after) {
        var late = new TimeoutException("no answer within " + after + ", the connection is cut off");
        // One other database that does not answer, such as one that is being dropped, says nothing of the target.
        boolean away = opening && mainDatabase.equals(database);
        opening = false;
        attempt++;
        return away ? reach.failed(late, true, System.nanoTime()) : late;
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
            return TargetSession.open(connection);
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
        var ending = session;
        pool = null;
        database = null;
        session = null;
        if (closing == null) {
            return Future.succeededFuture();
        }
        // A pool that has lent its connection does not close until that is given back.
        if (ending != null && ending.succeeded()) {
            ending.result().giveBack();
        }
        return closing.close()
                .otherwiseEmpty()
                .timeout(CLOSE_MILLIS, TimeUnit.MILLISECONDS)
                .otherwiseEmpty();
    }
}
