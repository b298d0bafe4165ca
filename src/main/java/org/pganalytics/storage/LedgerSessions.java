package org.pganalytics.storage;

import static org.pganalytics.fault.Fault.COLLECTOR_UNKNOWN;
import static org.pganalytics.fault.Fault.EPOCH_OLD;
import static org.pganalytics.fault.Fault.INSTANCE_LEASED;
import static org.pganalytics.fault.Fault.SESSION_REPLACED;
import static org.pganalytics.fault.Fault.STORE_DOWN;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Ledger;
import org.pganalytics.model.Standing;

/** Whose turn it is at a collector's ledger row. Every answer stands on a committed write, never on a mere read. */
public final class LedgerSessions implements Ledger {
    /** One opener of a collector at a time. */
    private static final String COLLECTOR = "SELECT FROM collector WHERE collector_id = $1 FOR NO KEY UPDATE";

    private static final String NEWEST = """
            SELECT epoch, instance_id = $2 AS own, mark,
                (extract(epoch FROM lease_until - clock_timestamp()) * 1000)::int8 AS lease_millis,
                EXISTS (SELECT FROM ledger o WHERE o.collector_id = $1 AND o.instance_id = $2) AS seen
            FROM ledger WHERE collector_id = $1 ORDER BY epoch DESC LIMIT 1 FOR UPDATE
            """;
    private static final String TAKE = """
            UPDATE ledger SET session_id = $3, lease_until = clock_timestamp() + $4 * interval '1 millisecond'
            WHERE collector_id = $1 AND epoch = $2 RETURNING epoch, mark
            """;
    /** An update, not a lock alone: a group that waits for the row must see it when it gets it. */
    private static final String SUPERSEDE =
            "UPDATE ledger SET superseded_at = now() WHERE collector_id = $1 AND superseded_at IS NULL";

    private static final String INSERT = """
            INSERT INTO ledger (collector_id, epoch, instance_id, session_id, lease_until)
            VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 millisecond') RETURNING epoch, mark
            """;
    private static final String RENEW = """
            UPDATE ledger SET lease_until = clock_timestamp() + $4 * interval '1 millisecond'
            WHERE collector_id = $1 AND epoch = $2 AND session_id = $3 AND superseded_at IS NULL
            """;
    private static final String RELEASE =
            "UPDATE ledger SET lease_until = clock_timestamp() WHERE collector_id = $1 AND epoch = $2 AND session_id = $3";

    private final Transactions transactions;
    private final StalledHolders holders;
    private final Duration lease;

    public LedgerSessions(StorageConfig config, Pool pool) {
        this.transactions = BatchStore.transactions(config, pool);
        this.holders = new StalledHolders(pool, config.holderLimit());
        this.lease = config.lease();
    }

    /** Who wants to open what. */
    private record Opening(UUID collector, UUID instance, UUID session) {}

    @Override
    public Future<Standing> open(UUID collector, UUID instance, UUID session) {
        var opening = new Opening(collector, instance, session);
        return transactions.run(connection -> open(connection, opening)).recover(failure -> down(failure, collector));
    }

    private Future<Standing> open(SqlConnection connection, Opening opening) {
        return connection
                .preparedQuery(COLLECTOR)
                .execute(Tuple.of(opening.collector()))
                .compose(known -> known.size() == 0
                        ? Future.failedFuture(COLLECTOR_UNKNOWN.because("the collector is not registered here"))
                        : connection.preparedQuery(NEWEST).execute(Tuple.of(opening.collector(), opening.instance())))
                .compose(newest -> newest.size() == 0
                        ? insert(connection, opening, 1)
                        : decide(connection, opening, newest.iterator().next()))
                .map(rows -> rows.iterator().next())
                .map(row -> new Standing(row.getInteger("epoch"), row.getLong("mark"), lease));
    }

    private Future<RowSet<Row>> decide(SqlConnection connection, Opening opening, Row newest) {
        int epoch = newest.getInteger("epoch");
        if (newest.getBoolean("own")) {
            return connection
                    .preparedQuery(TAKE)
                    .execute(Tuple.of(opening.collector(), epoch, opening.session(), (double) lease.toMillis()));
        }
        if (newest.getBoolean("seen")) {
            return Future.failedFuture(
                    EPOCH_OLD.because("another instance of this collector got epoch %d since".formatted(epoch)));
        }
        long leased = newest.getLong("lease_millis");
        if (leased > 0) {
            return Future.failedFuture(INSTANCE_LEASED
                    .because("another instance holds epoch %d for up to %d ms more".formatted(epoch, leased))
                    .retryAfter(Duration.ofMillis(leased)));
        }
        return connection
                .preparedQuery(SUPERSEDE)
                .execute(Tuple.of(opening.collector()))
                .compose(closed -> insert(connection, opening, epoch + 1));
    }

    private Future<RowSet<Row>> insert(SqlConnection connection, Opening opening, int epoch) {
        return connection
                .preparedQuery(INSERT)
                .execute(Tuple.of(
                        opening.collector(), epoch, opening.instance(), opening.session(), (double) lease.toMillis()));
    }

    @Override
    public Future<Void> renew(UUID collector, int epoch, UUID session) {
        return transactions
                .run(connection -> connection
                        .preparedQuery(RENEW)
                        .execute(Tuple.of(collector, epoch, session, (double) lease.toMillis()))
                        .compose(renewed -> renewed.rowCount() == 1
                                ? Future.<Void>succeededFuture()
                                : Future.failedFuture(SESSION_REPLACED.because("another session was opened since"))))
                .recover(failure -> down(failure, collector));
    }

    @Override
    public Future<Void> release(UUID collector, int epoch, UUID session) {
        return transactions
                .run(connection -> connection
                        .preparedQuery(RELEASE)
                        .execute(Tuple.of(collector, epoch, session))
                        .<Void>mapEmpty())
                .recover(failure -> down(failure, collector));
    }

    /** A row that is held for too long may be held by a server that was stopped: see to it before the next try. */
    private <T> Future<T> down(Throwable failure, UUID collector) {
        if (failure instanceof FaultException) {
            return Future.failedFuture(failure);
        }
        if (SqlFailure.state(failure).equals("55P03")) {
            holders.terminate(List.of(collector));
        }
        return Future.failedFuture(
                STORE_DOWN.because("the database does not answer", failure).retryAfter(Duration.ofSeconds(1)));
    }
}
