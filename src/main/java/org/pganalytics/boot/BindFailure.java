package org.pganalytics.boot;

import io.vertx.core.Future;
import java.io.IOException;

/** Says which listener it was when its address cannot be had: the system's own words do not. */
final class BindFailure {
    private BindFailure() {}

    static <T> Future<T> of(String listener, String host, int port, Future<T> bound) {
        return bound.recover(failure -> Future.failedFuture(
                failure instanceof IOException
                        ? new CommandFailure("cannot listen on %s:%d: %s; set %s.host and %s.port"
                                .formatted(host, port, failure.getMessage(), listener, listener))
                        : failure));
    }
}
