package org.pganalytics.ops;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Measures how late its event loop runs what is due; deployed once for each of them, into one timer. */
public final class EventLoopLag extends VerticleBase {
    private static final long EVERY_MILLIS = 250;

    private final Timer lag;
    private final LongSupplier nanoClock;
    private long dueNanos;

    public EventLoopLag(MeterRegistry registry, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.lag = Timer.builder("pganalytics.eventloop.lag")
                .description("How late an event loop runs what is due")
                .register(registry);
    }

    @Override
    public Future<?> start() {
        next();
        return Future.succeededFuture();
    }

    private void next() {
        dueNanos = nanoClock.getAsLong() + TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS);
        vertx.setTimer(EVERY_MILLIS, due -> {
            lag.record(Math.max(0, nanoClock.getAsLong() - dueNanos), TimeUnit.NANOSECONDS);
            next();
        });
    }
}
