package org.pganalytics.boot;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Passes connections on to one server, and moves all of them to another when told. */
final class Balancer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Vertx vertx = Vertx.vertx();
    private final NetClient client;
    private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
    private final NetServer door;
    private volatile int target;

    Balancer(int target) {
        this(target, new NetClientOptions());
    }

    /** @param towards how it connects to the servers */
    Balancer(int target, NetClientOptions towards) {
        this.target = target;
        this.client = vertx.createNetClient(towards);
        var listening = vertx.createNetServer().connectHandler(this::pass).listen(0, "127.0.0.1");
        this.door = Await.result(listening, LIMIT, "the balancer");
    }

    int port() {
        return door.actualPort();
    }

    /** Cuts what is open; new connections go there. */
    int moveTo(int port) {
        target = port;
        var cut = Set.copyOf(open);
        cut.forEach(NetSocket::close);
        return cut.size();
    }

    private void pass(NetSocket inside) {
        inside.pause();
        open.add(inside);
        inside.closeHandler(closed -> open.remove(inside));
        client.connect(target, "127.0.0.1").onFailure(refused -> inside.close()).onSuccess(outside -> {
            inside.closeHandler(closed -> {
                open.remove(inside);
                outside.close();
            });
            outside.closeHandler(closed -> inside.close());
            inside.handler(outside::write);
            outside.handler(inside::write);
            inside.resume();
        });
    }

    @Override
    public void close() {
        moveTo(target);
        Await.result(vertx.close(), LIMIT, "closing the balancer");
    }
}
