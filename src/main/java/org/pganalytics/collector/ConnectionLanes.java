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
import java.util.concurrent.ThreadLocalRandom;
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
    private final Reach reach;
    private boolean closed;

    /** @param connectTimeout longest a connection may take to open, in addition to the target's statement timeout */
    ConnectionLanes(Vertx vertx, PgConnectOptions options, TargetConfig config, Duration connectTimeout) {
        this.vertx = vertx;
        this.useMax = config.statementTimeout().plus(connectTimeout);
        this.reach = new Reach(ThreadLocalRandom.current());
        for (int number = 0; number < config.connectionsMax(); number++) {
            lanes.add(new ConnectionLane(vertx, options, reach, config.database(), connectTimeout));
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
        while (!waiting.isEmpty() && lanes.stream().anyMatch(this::isUsable)) {
            waiting.removeFirst().run();
        }
    }

    /** While no connection can be had, those that there are serve everybody. */
    private boolean isUsable(ConnectionLane lane) {
        boolean more = reach.away(System.nanoTime()).isEmpty() || lanes.stream().noneMatch(ConnectionLane::isOpen);
        return lane.isFree() && (more || lane.isOpen());
    }

    private <T> void start(String database, Function<TargetSession, Future<T>> work, Promise<T> promise) {
        var lane = laneFor(database);
        lane.take();
        var watch = new Watch(vertx, useMax, () -> {
            if (promise.tryFail(lane.late(useMax))) {
                lane.cut();
                free(lane);
            }
        });
        lane.session(database)
                .compose(session -> work.apply(session.watchedBy(watch)))
                .onComplete(done -> {
                    watch.stop();
                    boolean inTime =
                            done.succeeded() ? promise.tryComplete(done.result()) : promise.tryFail(done.cause());
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
                        .filter(lane -> isUsable(lane) && !lane.isOpen())
                        .findFirst())
                .or(() -> lanes.stream().filter(this::isUsable).findFirst())
                .orElseThrow();
    }

    Future<Void> close() {
        closed = true;
        waiting.clear();
        return Future.join(lanes.stream().map(ConnectionLane::cut).toList()).mapEmpty();
    }
}
