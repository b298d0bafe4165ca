package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * At most so many connections to one target, whatever the number of its databases: each lane holds one connection, and
 * changes its database when no other lane is free. Lives on one event loop.
 */
final class ConnectionLanes {
    private static final int WAITING_MAX = 256;

    private final Vertx vertx;
    private final List<ConnectionLane> lanes = new ArrayList<>();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final Duration useMax;
    private boolean closed;

    ConnectionLanes(Vertx vertx, PgConnectOptions options, TargetConfig config, Duration connectTimeout) {
        this.vertx = vertx;
        this.useMax = config.statementTimeout().plus(connectTimeout);
        for (int number = 0; number < config.connectionsMax(); number++) {
            lanes.add(new ConnectionLane(vertx, options, config, connectTimeout));
        }
    }

    /** Does something on a connection to a database; a connection that takes too long is cut off. */
    <T> Future<T> use(String database, Function<TargetSession, Future<T>> work) {
        if (closed || waiting.size() >= WAITING_MAX) {
            return Future.failedFuture(
                    "the target has no free connection, and %d jobs wait for one".formatted(WAITING_MAX));
        }
        var promise = Promise.<T>promise();
        waiting.addLast(() -> start(database, work, promise));
        startWaiting();
        return promise.future();
    }

    private void startWaiting() {
        while (!waiting.isEmpty() && lanes.stream().anyMatch(ConnectionLane::isFree)) {
            waiting.removeFirst().run();
        }
    }

    private <T> void start(String database, Function<TargetSession, Future<T>> work, Promise<T> promise) {
        var lane = laneFor(database);
        lane.take();
        long timer = vertx.setTimer(useMax.toMillis(), due -> {
            if (promise.tryFail("no answer within " + useMax + ", the connection is cut off")) {
                lane.cut();
                free(lane);
            }
        });
        lane.session(database).compose(work).onComplete(done -> {
            vertx.cancelTimer(timer);
            boolean inTime = done.succeeded() ? promise.tryComplete(done.result()) : promise.tryFail(done.cause());
            if (inTime) {
                free(lane);
            }
        });
    }

    private void free(ConnectionLane lane) {
        lane.giveBack();
        startWaiting();
    }

    private ConnectionLane laneFor(String database) {
        Optional<ConnectionLane> there = lanes.stream()
                .filter(lane -> lane.isFree() && lane.isAt(database))
                .findFirst();
        return there.or(() -> lanes.stream()
                        .filter(lane -> lane.isFree() && !lane.isOpen())
                        .findFirst())
                .or(() -> lanes.stream().filter(ConnectionLane::isFree).findFirst())
                .orElseThrow();
    }

    Future<Void> close() {
        closed = true;
        waiting.clear();
        return Future.join(lanes.stream().map(ConnectionLane::cut).toList()).mapEmpty();
    }
}
