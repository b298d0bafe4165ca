package org.pganalytics.boot;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the command's own thread, never an event loop, wait for what the event loops do. */
final class Await {
    private static final Logger LOG = LoggerFactory.getLogger(Await.class);

    private Await() {}

    /** Waits for the end of something, whichever, but no longer than the limit. */
    static void ended(Future<?> future, Duration limit) {
        try {
            result(future.<Void>mapEmpty().otherwiseEmpty(), limit, "the end");
        } catch (CommandFailure late) {
            LOG.debug("not waiting any longer", late);
        }
    }

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
