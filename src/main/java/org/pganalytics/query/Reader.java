package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Reads from the database, so many at once and no more, and says in a reader's words what went wrong. */
final class Reader {
    private static final String CANCELED = "57014";
    private static final String NO_TABLE = "42P01";

    private final Pool pool;
    private final QueryConfig config;
    private final AtomicInteger underWay = new AtomicInteger();

    /** @param pool of connections that can write nothing and end a query after its time */
    Reader(Pool pool, QueryConfig config) {
        this.pool = pool;
        this.config = config;
    }

    Future<RowSet<Row>> read(String sql, Tuple values) {
        if (underWay.incrementAndGet() > config.poolSize() + config.waitingMax()) {
            underWay.decrementAndGet();
            return Future.failedFuture(Fault.OVERLOADED.because(
                    "%d queries wait already (query.waiting-max)".formatted(config.waitingMax())));
        }
        return pool.preparedQuery(sql)
                .execute(values)
                .onComplete(done -> underWay.decrementAndGet())
                .recover(failure -> Future.failedFuture(refusal(failure)));
    }

    private FaultException refusal(Throwable failure) {
        var state =
                failure instanceof PgException refused && refused.getSqlState() != null ? refused.getSqlState() : "";
        if (state.equals(CANCELED)) {
            return Fault.TOO_LARGE.because(
                    "the query takes longer than %d ms (query.statement-timeout): ask for a shorter time, fewer columns"
                                    .formatted(config.statementTimeout().toMillis())
                            + " or filter",
                    failure);
        }
        if (state.equals(NO_TABLE)) {
            return Fault.NOT_FOUND.because("the family has no table", failure);
        }
        return state.startsWith("22")
                ? Fault.BAD_REQUEST.because("a value cannot be looked for: " + failure.getMessage(), failure)
                : Fault.STORE_DOWN.because("the database cannot be read at the moment", failure);
    }
}
