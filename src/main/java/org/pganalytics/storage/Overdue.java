package org.pganalytics.storage;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Work that took longer than it may. What became of it nobody knows. */
final class Overdue extends RuntimeException {
    private Overdue(String what, Duration limit) {
        super("%s took longer than %d ms".formatted(what, limit.toMillis()), null, false, false);
    }

    /** The same future, but failed with this when it takes too long, be it that nobody ever completes it. */
    static <T> Future<T> after(Duration limit, String what, Future<T> work) {
        return work.timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure ->
                        Future.failedFuture(failure instanceof TimeoutException ? new Overdue(what, limit) : failure));
    }
}
