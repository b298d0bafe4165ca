package org.pganalytics.collector;

import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * Calls when something takes too long: when nothing moved for a time, or when all of it took ten times that. Lives on one
 * event loop.
 */
final class Watch {
    private static final int TIMES_MAX = 10;

    private final Vertx vertx;
    private final long stillMillis;
    private final Runnable late;
    private final long endNanos;
    private long timer;

    Watch(Vertx vertx, Duration still, Runnable late) {
        this.vertx = vertx;
        this.stillMillis = still.toMillis();
        this.late = late;
        this.endNanos = System.nanoTime() + still.multipliedBy(TIMES_MAX).toNanos();
        this.timer = vertx.setTimer(stillMillis, due -> late.run());
    }

    /** Something moved. */
    void moved() {
        if (vertx.cancelTimer(timer)) {
            long leftMillis = (endNanos - System.nanoTime()) / 1_000_000;
            timer = vertx.setTimer(Math.max(1, Math.min(stillMillis, leftMillis)), due -> late.run());
        }
    }

    void stop() {
        vertx.cancelTimer(timer);
    }
}
