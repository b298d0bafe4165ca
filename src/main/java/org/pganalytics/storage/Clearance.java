package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clears the quarantine and the losses of what is older than they keep; any number of servers may do so at once. */
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
                .onFailure(failure -> LOG.warn("quarantine and losses were not cleared: {}", failure.toString()))
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }
}
