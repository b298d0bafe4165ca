package org.pganalytics.audit;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/** Writes an administrative change beside the change itself: in its transaction, so that neither is without the other. */
public final class AuditTrail {
    private static final String ADD = """
            INSERT INTO audit_event (actor, action, target, outcome, address, details)
            VALUES ($1, $2, $3, $4, $5, $6)
            """;

    /** @param tx the transaction of the change; to be rolled back when the future fails */
    public Future<Void> add(SqlConnection tx, AuditRecord what) {
        return tx.preparedQuery(ADD)
                .execute(Tuple.of(
                        what.actor(), what.action(), what.target(), what.outcome(), what.address(), what.details()))
                .mapEmpty();
    }
}
