package org.pganalytics.ops;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One thing that must hold for the server to take traffic.
 *
 * @param name as it stands in the answer
 * @param problem what is wrong at the moment, or empty; a failure is a problem, too
 */
public record ReadinessCheck(String name, Supplier<Future<Optional<String>>> problem) {

    /** A check that needs not wait for anything. */
    public static ReadinessCheck at(String name, Supplier<Optional<String>> problem) {
        return new ReadinessCheck(name, () -> Future.succeededFuture(problem.get()));
    }
}
