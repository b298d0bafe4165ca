package org.pganalytics.model;

import io.vertx.core.Future;

/** The one seam between the doors and the store. */
@FunctionalInterface
public interface Intake {
    /**
     * Completes after the batch is settled by a commit, or fails with a
     * {@link org.pganalytics.fault.FaultException}; never both, never neither. A failure consumes no number.
     *
     * <p>Batches of one collector are to be handed over in the order of their numbers; several may be under way. To be
     * called on an event loop; completes on that context.
     */
    Future<Receipt> accept(Batch batch);
}
