package org.pganalytics.identity.oidc;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Something that is asked for anew when it is too old; who asks meanwhile waits for the same answer. Thread-safe. */
final class Fresh<T> {
    private final Supplier<Future<T>> ask;
    private final long lifeNanos;
    private final LongSupplier nanoClock;
    private Future<T> latest;
    private long askedNanos;

    /** @param nanoClock monotonic time in nanoseconds */
    Fresh(Supplier<Future<T>> ask, Duration life, LongSupplier nanoClock) {
        this.ask = ask;
        this.lifeNanos = life.toNanos();
        this.nanoClock = nanoClock;
    }

    /** A failure is not kept. */
    synchronized Future<T> get() {
        boolean old = latest == null || latest.failed() || nanoClock.getAsLong() - askedNanos > lifeNanos;
        return old && (latest == null || latest.isComplete()) ? again() : latest;
    }

    /** However young the one is that is there. */
    synchronized Future<T> again() {
        if (latest == null || latest.isComplete()) {
            askedNanos = nanoClock.getAsLong();
            latest = ask.get();
        }
        return latest;
    }
}
