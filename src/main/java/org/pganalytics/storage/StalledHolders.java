package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collection;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions that hold ledger rows while they wait on their client: a server that was stopped in the middle of a
 * COPY, which no timeout of PostgreSQL ends. Never one that waits for anything else, such as a standby.
 */
final class StalledHolders {
    private static final Logger LOG = LoggerFactory.getLogger(StalledHolders.class);
    /** A row that is locked or being updated names the transaction that does so. */
    private static final String TERMINATE = """
            SELECT pid, application_name, state, pg_terminate_backend(pid) AS ended
            FROM (
                SELECT DISTINCT a.pid, a.application_name, a.state
                FROM (
                    SELECT collector_id, xmax FROM ledger UNION ALL SELECT collector_id, xmax FROM v3_seconds
                ) AS l
                JOIN pg_locks x ON x.locktype = 'transactionid' AND x.mode = 'ExclusiveLock' AND x.granted
                    AND x.transactionid = l.xmax
                JOIN pg_stat_activity a ON a.pid = x.pid
                WHERE l.collector_id = ANY ($1) AND a.usename = current_user AND a.wait_event = 'ClientRead'
                    AND a.state IN ('active', 'idle in transaction', 'idle in transaction (aborted)')
                    AND a.state_change < clock_timestamp() - $2 * interval '1 millisecond'
            ) AS holder
            """;

    private final Pool pool;
    private final Duration limit;

    /** @param limit how long a holder may wait on its client */
    StalledHolders(Pool pool, Duration limit) {
        this.pool = pool;
        this.limit = limit;
    }

    Future<Void> terminate(Collection<UUID> collectors) {
        var parameters =
                Tuple.tuple().addArrayOfUUID(collectors.toArray(UUID[]::new)).addDouble((double) limit.toMillis());
        return pool.preparedQuery(TERMINATE)
                .execute(parameters)
                .onSuccess(rows -> rows.forEach(row -> LOG.warn(
                        "ended backend {} of '{}': {}, it held ledger rows and waited on its client",
                        row.getInteger("pid"),
                        row.getString("application_name"),
                        row.getString("state"))))
                .onFailure(failure -> LOG.warn("no look at who holds ledger rows: {}", failure.toString()))
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }
}
