package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.function.Function;

/**
 * Changes a family's tables in a transaction, one server at a time.
 *
 * <p>A change waits for its lock for a short time only, because writers queue up behind it, and is tried again later.
 */
final class LockedChange {
    /** "mtrc" in ASCII, so that no other user of advisory locks takes the same. */
    private static final int LOCK_CLASS = 0x6d747263;

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String DEADLOCK = "40P01";
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final Vertx vertx;
    private final Pool pool;
    private final TablesConfig config;

    LockedChange(Vertx vertx, Pool pool, TablesConfig config) {
        this.vertx = vertx;
        this.pool = pool;
        this.config = config;
    }

    <T> Future<T> run(String family, Function<SqlConnection, Future<T>> change) {
        return run(family, change, config.lockTries());
    }

    private <T> Future<T> run(String family, Function<SqlConnection, Future<T>> change, int triesLeft) {
        return pool.withTransaction(tx -> within(tx, family, config, change))
                .recover(failure -> triesLeft > 1 && isTransient(failure)
                        ? vertx.timer(PAUSE.toMillis()).compose(ignored -> run(family, change, triesLeft - 1))
                        : Future.failedFuture(failure));
    }

    /** The same on a connection of one's own, once; the caller has begun the transaction. */
    static <T> Future<T> within(
            SqlConnection tx, String family, TablesConfig config, Function<SqlConnection, Future<T>> change) {
        return tx.query("SET LOCAL lock_timeout = '%dms'"
                        .formatted(config.lockTimeout().toMillis()))
                .execute()
                .compose(set -> tx.preparedQuery("SELECT pg_advisory_xact_lock($1, hashtext($2))")
                        .execute(Tuple.of(LOCK_CLASS, family)))
                .compose(locked -> change.apply(tx));
    }

    static boolean isTransient(Throwable failure) {
        return failure instanceof PgException known
                && (LOCK_NOT_AVAILABLE.equals(known.getSqlState()) || DEADLOCK.equals(known.getSqlState()));
    }
}
