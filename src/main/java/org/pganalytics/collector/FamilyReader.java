package org.pganalytics.collector;

import io.vertx.core.Future;
import org.pganalytics.model.MetricFamily;

/** Reads the rows of families at one target from one kind of source. Lives on the target's event loop. */
interface FamilyReader {

    /**
     * Reads a family once and hands its rows to the {@link Outlet}; fails with what {@link Condition} tells apart.
     *
     * @return {@link Condition#OK}, or what some databases lack while others were read
     */
    Future<Condition> read(MetricFamily family);

    /** The server may lack what it was told before. */
    default void forget() {}

    default Future<Void> close() {
        return Future.succeededFuture();
    }
}
