package org.pganalytics.database;

import io.netty.channel.Channel;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.SqlConnectionInternal;

/**
 * What a connection speaks through, which the driver keeps to itself. Any thread.
 *
 * @param channel of Netty
 * @param server host and port as they were asked for, where the driver knows them so
 */
public record DriverSocket(Channel channel, DatabaseHost server) {

    /** @param connection of a pool, or one's own; never of a pipelining client */
    public static DriverSocket of(SqlConnection connection) {
        var inner = ((SqlConnectionInternal) connection).unwrap();
        while (!(inner instanceof SocketConnectionBase)) {
            inner = inner.unwrap();
        }
        var driver = (SocketConnectionBase) inner;
        var server = driver.server();
        return new DriverSocket(
                driver.socket().channelHandlerContext().channel(), new DatabaseHost(server.host(), server.port()));
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

    /** From now on it is not closed for hearing and saying nothing. */
    void mayBeSilent() {
        if (channel.pipeline().get(IdleStateHandler.class) != null) {
            channel.pipeline().remove(IdleStateHandler.class);
        }
    }

    /** Completes when it is closed, by whomever. */
    Future<Void> closed() {
        Promise<Void> closed = Promise.promise();
        channel.closeFuture().addListener(done -> closed.complete());
        return closed.future();
    }
}
