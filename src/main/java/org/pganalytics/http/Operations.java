package org.pganalytics.http;

import io.vertx.core.Future;
import java.util.function.Function;

/** Where a room says how it answers the operations of the contract that are its business. */
@FunctionalInterface
public interface Operations {
    /** @param operation its name in docs/openapi.yaml */
    void on(String operation, Function<Call, Future<Answer>> handler);
}
