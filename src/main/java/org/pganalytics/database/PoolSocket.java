package org.pganalytics.database;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.SqlConnectionInternal;

/**
 * What a pool's connection speaks through, which the driver keeps to itself. Any thread.
 *
 * @param channel of Netty
 */
public record PoolSocket(Channel channel) {

    /** @param connection leased from a pool (never of a pipelining client) */
    public static PoolSocket of(SqlConnection connection) {
        var inner = ((SqlConnectionInternal) connection).unwrap();
        while (!(inner instanceof SocketConnectionBase)) {
            inner = inner.unwrap();
        }
        var socket = ((SocketConnectionBase) inner).socket();
        return new PoolSocket(socket.channelHandlerContext().channel());
    }

    /** Cuts the connection at once, also when the server no longer answers. Completes when it is closed, always. */
    public Future<Void> cut() {
        var closed = closed();
        // From the first handler outwards: the socket's own handler would wait for what is still to be written.
        var outermost = channel.pipeline().firstContext();
        if (outermost != null) {
            var unused = outermost.close(); // closeFuture tells
        }
        return closed;
    }

    /** Completes when it is closed, by whomever. */
    Future<Void> closed() {
        Promise<Void> closed = Promise.promise();
        channel.closeFuture().addListener(done -> closed.complete());
        return closed.future();
    }
}
