package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A port of its own before a server's: plugged in it passes bytes both ways, pulled it is closed. */
final class Plug {
    private final Vertx vertx;
    private final int behind;
    private final List<NetSocket> sockets = new CopyOnWriteArrayList<>();
    private NetServer server;
    private int port;
    private volatile boolean frozen;

    Plug(Vertx vertx, int behind) {
        this.vertx = vertx;
        this.behind = behind;
    }

    Future<Integer> in() {
        server = vertx.createNetServer().connectHandler(this::join);
        return server.listen(port, "127.0.0.1").map(listening -> port = listening.actualPort());
    }

    /** @return the port that is closed now and stays this plug's */
    Future<Integer> pull() {
        Future<?> there = server == null ? in() : Future.succeededFuture();
        return there.compose(plugged -> {
                    sockets.forEach(NetSocket::close);
                    sockets.clear();
                    return server.close();
                })
                .map(closed -> port);
    }

    /** Nothing passes any more, in either direction, and no end is told; those who come are let in and get nothing. */
    void freeze() {
        frozen = true;
        sockets.forEach(NetSocket::pause);
    }

    /** What came meanwhile passes. */
    void thaw() {
        frozen = false;
        sockets.forEach(NetSocket::resume);
    }

    private void join(NetSocket socket) {
        sockets.add(socket);
        socket.pause();
        vertx.createNetClient()
                .connect(behind, "127.0.0.1")
                .onSuccess(other -> {
                    sockets.add(other);
                    socket.pipeTo(other);
                    other.pipeTo(socket);
                    if (frozen) {
                        freeze();
                    }
                })
                .onFailure(gone -> socket.close());
    }
}
