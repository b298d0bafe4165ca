package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.function.Function;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;

/** Changes of profiles: one after the other on all servers, each with its audit row or not at all. */
final class ProfileChanges {
    // "pgaprof" in ASCII.
    private static final long CHANGING = 0x7067_6170_726f_66L;

    private final Pool pool;
    private final AuditTrail audit;

    ProfileChanges(Pool pool, AuditTrail audit) {
        this.pool = pool;
        this.audit = audit;
    }

    <T> Future<T> change(Function<SqlConnection, Future<T>> change) {
        return pool.withTransaction(tx -> tx.preparedQuery("SELECT pg_advisory_xact_lock($1)")
                        .execute(Tuple.of(CHANGING))
                        .compose(locked -> change.apply(tx)))
                .recover(Collectors::refusal);
    }

    Future<Void> audit(SqlConnection tx, String actor, String action, String target, JsonObject details) {
        return audit.add(tx, new AuditRecord(actor, action, target, AuditRecord.OK, "", details));
    }
}
