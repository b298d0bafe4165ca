package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears the quarantine and the losses of what is older than they keep, and what was noted of version 3 collectors and
 * databases that are long gone; any number of servers may do so at once.
 */
final class Clearance {
    private static final Logger LOG = LoggerFactory.getLogger(Clearance.class);
    /** The rest goes next time, so that no transaction is long. */
    private static final String QUARANTINE = """
            DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine
                WHERE refused_at < now() - $1 * interval '1 second' ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED)
            """;

    private static final String LOSS = """
            DELETE FROM loss WHERE id IN (SELECT id FROM loss
                WHERE declared_at < now() - $1 * interval '1 second' ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED)
            """;

    /**
     * Far longer than such a collector, which holds what it has to send in memory, can still repeat any of it; by then it
     * is not even known by its token.
     */
    private static final String SECONDS = """
            DELETE FROM v3_seconds WHERE (collector_id, type, database) IN (
                SELECT collector_id, type, database FROM v3_seconds WHERE settled_at < now() - interval '90 days'
                LIMIT 10000 FOR UPDATE SKIP LOCKED)
            """;

    private final Pool pool;
    private final Duration keep;

    Clearance(Pool pool, Duration keep) {
        this.pool = pool;
        this.keep = keep;
    }

    /** Completes always. */
    Future<Void> clear() {
        var age = Tuple.of((double) keep.toSeconds());
        return pool.preparedQuery(QUARANTINE)
                .execute(age)
                .compose(cleared -> pool.preparedQuery(LOSS).execute(age))
                .compose(cleared -> pool.query(SECONDS).execute())
                .onFailure(failure ->
                        LOG.warn("quarantine, losses and v3_seconds were not cleared: {}", failure.toString()))
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }
}
