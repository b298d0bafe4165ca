package org.pganalytics.model;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.fault.FaultException;

/** The one seam between the doors and the store. */
@FunctionalInterface
public interface Intake {
    /**
     * Completes after the batch is settled by a commit, or fails with a
     * {@link FaultException}; never both, never neither. A failure consumes no number.
     *
     * <p>Batches of one collector are to be handed over in the order of their numbers; several may be under way. To be
     * called on an event loop; completes on that context.
     */
    Future<Receipt> accept(Batch batch);

    /**
     * Why a batch of this collector would be refused at this moment, so that a door need not read what has no chance; one
     * that is read after all may still be refused. To be called for a batch that has arrived: what it says is counted.
     * From any thread.
     *
     * @param bytes about what the batch will hold of memory
     */
    default Optional<FaultException> refusalNow(UUID collector, long bytes) {
        return Optional.empty();
    }
}
