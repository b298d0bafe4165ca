package org.pganalytics.model;

import io.vertx.core.Future;

/** Reads bodies as the quarantine keeps them. */
@FunctionalInterface
public interface KeptBodies {
    /** What the body turns out to be now; its raw form is as the batch that it came in had it. Never fails for the body. */
    Future<BatchContent> read(Batch.Raw raw);
}
