package org.pganalytics.audit;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.pganalytics.audit.chain.NewEvents;
import org.pganalytics.audit.chain.Prover;

/** Writes an administrative change beside the change itself: in its transaction, so that neither is without the other. */
public final class AuditTrail {
    private final NewEvents events;
    private final Clock clock;

    /** Without keys: what it writes is not proven. */
    public AuditTrail() {
        this(new Prover(Optional.empty(), new SecureRandom()), Clock.systemUTC());
    }

    public AuditTrail(Prover prover, Clock clock) {
        this.events = new NewEvents(prover);
        this.clock = clock;
    }

    /** @param tx the transaction of the change; to be rolled back when the future fails */
    public Future<Void> add(SqlConnection tx, AuditRecord what) {
        return events.add(tx, List.of(new NewEvents.Happened(clock.instant(), what, what.details())));
    }
}
