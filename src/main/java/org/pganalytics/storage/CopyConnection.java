package org.pganalytics.storage;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import org.pganalytics.database.DriverSocket;

/**
 * COPY … FROM STDIN over a leased connection of a vertx-pg-client pool, which knows no COPY itself.
 *
 * <p>Meanwhile a {@link CopyExchange} before the driver's codec speaks with the server; the driver sees nothing of it, so
 * nothing else may be asked of the connection meanwhile, and the driver's own transaction would "commit" a failed COPY.
 * Therefore the future of {@link #copy} alone decides. When it fails with a {@link PgException}, the connection waits in a
 * failed transaction for its ROLLBACK; any other failure leaves the connection closed.
 */
final class CopyConnection {
    private static final String DRIVERS_CODEC = "codec";

    private final Channel channel;

    private CopyConnection(Channel channel) {
        this.channel = channel;
    }

    /** @param connection leased from a pool (never of a pipelining client), within a transaction */
    static CopyConnection of(SqlConnection connection) {
        return new CopyConnection(DriverSocket.of(connection).channel());
    }

    /**
     * Completes, on the connection's event loop, when the server has taken all rows of all COPYs, in their order, into the
     * open transaction.
     *
     * @param copies at least one
     */
    Future<Void> copy(List<Copy> copies) {
        Promise<Void> promise = Promise.promise();
        var exchange = new CopyExchange(copies, promise);
        channel.eventLoop().execute(() -> start(exchange, promise));
        return promise.future();
    }

    private void start(CopyExchange exchange, Promise<Void> promise) {
        if (channel.isActive() && channel.pipeline().get(DRIVERS_CODEC) != null) {
            channel.pipeline().addBefore(DRIVERS_CODEC, "copy", exchange);
        } else {
            exchange.release();
            promise.tryFail(ClosedConnectionException.INSTANCE);
        }
    }
}
