package org.pganalytics.boot;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Lets the command's own thread, never an event loop, wait for what the event loops do. */
final class Await {
    private Await() {}

    /** @throws CommandFailure when it takes longer; a failure of the future is thrown as it is */
    static <T> T result(Future<T> future, Duration limit, String what) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException(what + " failed", failed.getCause());
        } catch (TimeoutException late) {
            throw new CommandFailure("%s took longer than %d s".formatted(what, limit.toSeconds()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(what + " was interrupted");
        }
    }
}
