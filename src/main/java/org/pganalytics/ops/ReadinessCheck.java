package org.pganalytics.ops;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One thing that must hold for the server to take traffic, or that is to be told while it takes it all the same.
 *
 * @param name as it stands in the answer
 * @param problem what is wrong at the moment, or empty; a failure is a problem, too
 * @param isWarning whether the server is ready nevertheless
 */
public record ReadinessCheck(String name, Supplier<Future<Optional<String>>> problem, boolean isWarning) {

    public ReadinessCheck(String name, Supplier<Future<Optional<String>>> problem) {
        this(name, problem, false);
    }

    /** A check that needs not wait for anything. */
    public static ReadinessCheck at(String name, Supplier<Optional<String>> problem) {
        return new ReadinessCheck(name, () -> Future.succeededFuture(problem.get()));
    }

    /** What is told, and does not keep the server from being ready. */
    public static ReadinessCheck warning(String name, Supplier<Optional<String>> problem) {
        return new ReadinessCheck(name, () -> Future.succeededFuture(problem.get()), true);
    }
}
