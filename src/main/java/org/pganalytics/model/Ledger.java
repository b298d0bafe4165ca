package org.pganalytics.model;

import io.vertx.core.Future;
import java.util.UUID;

/** The seam through which a door opens, keeps and ends a collector's turn at its ledger row. */
public interface Ledger {
    /**
     * Gives the instance its epoch and takes the lease, by a committed write.
     *
     * <p>The instance that held the newest epoch gets it again (and its older session is over); a new instance gets the
     * next epoch once the lease of the other has ended. Fails with INSTANCE_LEASED (with retry-after) until then, with
     * EPOCH_OLD for an instance whose epoch has been followed by another one, COLLECTOR_UNKNOWN, or STORE_DOWN.
     *
     * @param instance the identity of the collector's spool
     * @param session new and unique, names this turn
     */
    Future<Standing> open(UUID collector, UUID instance, UUID session);

    /** Extends the lease; fails with SESSION_REPLACED when another session has opened since, or STORE_DOWN. */
    Future<Void> renew(UUID collector, int epoch, UUID session);

    /** Ends the lease at once, so that another instance need not wait; a session no longer current is ignored. */
    Future<Void> release(UUID collector, int epoch, UUID session);
}
