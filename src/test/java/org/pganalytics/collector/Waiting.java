package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits, for tests only. */
final class Waiting {
    private Waiting() {}

    static <T> T on(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    static void until(BooleanSupplier condition) {
        within(Duration.ofSeconds(30), condition);
    }

    static void within(Duration longest, BooleanSupplier condition) {
        long end = System.nanoTime() + longest.toNanos();
        boolean met = condition.getAsBoolean();
        while (!met && System.nanoTime() - end < 0) {
            quietly(() -> {
                Thread.sleep(20);
                return null;
            });
            met = condition.getAsBoolean();
        }
        assertTrue(met, "not within " + longest);
    }

    static void quietly(Callable<?> step) {
        try {
            step.call();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    record Held(ConnectionLanes it) implements AutoCloseable {
        @Override
        public void close() {
            on(it.close());
        }
    }

    static Held closing(ConnectionLanes lanes) {
        return new Held(lanes);
    }
}
