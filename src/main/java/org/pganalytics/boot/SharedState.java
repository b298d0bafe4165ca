package org.pganalytics.boot;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.cluster.HeldCollectors;
import org.pganalytics.cluster.Members;
import org.pganalytics.cluster.Presence;
import org.pganalytics.cluster.RedisLink;
import org.pganalytics.config.ServerConfig;

/** What this server shares with others in Redis, when one is configured. */
final class SharedState {
    private final RedisLink link;
    private final Members members;
    private final Presence presence;

    private SharedState(RedisLink link, Members members, Presence presence) {
        this.link = link;
        this.members = members;
        this.presence = presence;
    }

    /** @param name of this server */
    static Optional<SharedState> of(
            ServerConfig config, Vertx vertx, Bus bus, String name, HeldCollectors held, MeterRegistry meters) {
        if (!config.redis().isConfigured()) {
            return Optional.empty();
        }
        var link = new RedisLink(vertx, config.redis(), new SecureRandom()::nextDouble, meters);
        var members = new Members(vertx, link, name, meters);
        var presence = new Presence(vertx, members, held);
        link.onChange((up, why) -> bus.publish(new Event.RedisStateChanged(up, why)));
        return Optional.of(new SharedState(link, members, presence));
    }

    /** Nothing waits for it: without Redis the server goes on alone. */
    void open() {
        members.start();
        presence.start();
        link.start();
    }

    Supplier<Future<Void>> closing() {
        return () -> presence.stop().eventually(members::stop).eventually(link::stop);
    }

    Members members() {
        return members;
    }

    /** Why Redis is away; empty while it is not. */
    Optional<String> problem() {
        return link.problem()
                .map(why -> "Redis is away, collectors' limits are kept by each server for its part: " + why);
    }

    Future<Map<UUID, String>> holders(List<UUID> collectors) {
        return presence.find(collectors);
    }
}
