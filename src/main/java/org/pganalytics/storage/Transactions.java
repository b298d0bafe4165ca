package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.pganalytics.database.DriverSocket;
import org.pganalytics.fault.FaultException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs work in a transaction on a leased connection, for a limited time, and gives back no connection that is in doubt. */
final class Transactions {
    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

    /** Work that gives up by itself, with nothing under way on the connection. */
    static final class Withdrawn extends RuntimeException {
        Withdrawn(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * SET LOCAL fails in a failed transaction, whereas COMMIT alone would answer with a silent ROLLBACK. And a statement
     * timeout must not reach COMMIT: it ends the wait for a synchronous standby, and the commit would look durable.
     */
    private static final String COMMIT = "SET LOCAL statement_timeout = 0; COMMIT";

    private final Pool pool;
    private final String begin;
    private final Duration transactionTimeout;

    /**
     * @param lockTimeout longest a statement waits for a lock
     * @param transactionTimeout longest one may take from the lease to the end of COMMIT; beyond it the connection is cut
     */
    Transactions(Pool pool, Duration statementTimeout, Duration lockTimeout, Duration transactionTimeout) {
        this.pool = pool;
        this.begin = """
                BEGIN; SET LOCAL statement_timeout = %d; SET LOCAL lock_timeout = %d;
                SET LOCAL idle_in_transaction_session_timeout = %d
                """.formatted(statementTimeout.toMillis(), lockTimeout.toMillis(), transactionTimeout.toMillis());
        this.transactionTimeout = transactionTimeout;
    }

    /** Completes after COMMIT. When it fails without an answer of the server, nobody knows whether it was committed. */
    <T> Future<T> run(Function<SqlConnection, Future<T>> work) {
        return lease().compose(connection -> {
            // What was under way fails by itself; without a handler the driver prints a stack trace besides.
            connection.exceptionHandler(lost -> LOG.debug("a connection was lost", lost));
            var socket = DriverSocket.of(connection);
            var committing = connection
                    .query(begin)
                    .execute()
                    .compose(begun -> work.apply(connection))
                    .compose(result -> connection.query(COMMIT).execute().map(result));
            return Overdue.after(transactionTimeout, "a transaction", committing)
                    .onSuccess(committed -> connection.close())
                    .recover(failure -> undo(connection, socket, failure));
        });
    }

    private Future<SqlConnection> lease() {
        var leased = pool.getConnection();
        return leased.timeout(transactionTimeout.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(tooLate -> leased.onSuccess(SqlConnection::close));
    }

    /** What our own code refused, with nothing under way on the connection. */
    private static boolean isOurs(Throwable failure) {
        return failure instanceof FaultException
                || failure instanceof Withdrawn
                || failure instanceof ArithmeticException;
    }

    /** Gives the connection back after a ROLLBACK that the server confirmed; the pool drops by itself one that is cut. */
    private <T> Future<T> undo(SqlConnection connection, DriverSocket socket, Throwable failure) {
        Future<?> undone = SqlFailure.isAnswer(failure) || isOurs(failure)
                ? Overdue.after(
                        transactionTimeout,
                        "a ROLLBACK",
                        connection.query("ROLLBACK").execute())
                : Future.failedFuture(failure);
        return undone.onSuccess(rolledBack -> connection.close())
                .<Void>mapEmpty()
                .recover(doubt -> socket.cut())
                .compose(over -> Future.failedFuture(failure));
    }
}
