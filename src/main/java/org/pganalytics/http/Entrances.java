package org.pganalytics.http;

import io.vertx.core.net.NetServerOptions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which entrance stands before which listener: the listeners put them here, the transport that accepts looks them up. Safe
 * from any thread.
 */
public final class Entrances {
    private final Map<Listener, Entrance> entrances = new ConcurrentHashMap<>();

    /** As configured, where port 0 and below stand for a random one; Vert.x copies the options themselves. */
    private record Listener(String host, int port) {
        static Listener of(NetServerOptions options) {
            return new Listener(options.getHost(), options.getPort());
        }
    }

    /** Before it listens; the instances of one listener share one entrance. */
    public void put(NetServerOptions listener, Entrance entrance) {
        entrances.put(Listener.of(listener), entrance);
    }

    public Optional<Entrance> of(NetServerOptions listener) {
        return Optional.ofNullable(entrances.get(Listener.of(listener)));
    }
}
