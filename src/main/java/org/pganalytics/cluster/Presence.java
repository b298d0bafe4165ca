package org.pganalytics.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Which server holds which collector now. Each keeps its own list in Redis, which is forgotten as a whole when the server
 * has not said for a while that it lives. While Redis is away, a server knows its own only.
 */
public final class Presence {
    private static final Duration LASTS = Duration.ofSeconds(15);
    private static final Duration SAY_EVERY = Duration.ofSeconds(1);
    private static final Duration REFRESH_EVERY = Duration.ofSeconds(5);
    private static final int AT_ONCE = 500;

    private final Vertx vertx;
    private final Members members;
    private final RedisLink link;
    private final HeldCollectors held;
    private final Map<UUID, Boolean> changed = new ConcurrentHashMap<>();
    private final AtomicBoolean saying = new AtomicBoolean();
    private long sayTimer = -1;
    private long refreshTimer = -1;

    private record Holder(String server, long sinceMillis) {
        static Holder later(Holder one, Holder other) {
            return one.sinceMillis >= other.sinceMillis ? one : other;
        }
    }

    public Presence(Vertx vertx, Members members, HeldCollectors held) {
        this.vertx = vertx;
        this.members = members;
        this.link = members.link();
        this.held = held;
    }

    /** To be called before the link is started. */
    public void start() {
        held.onChange(this::changed);
        link.onChange((up, why) -> sayAll());
        sayTimer = vertx.setPeriodic(SAY_EVERY.toMillis(), tick -> say());
        refreshTimer = vertx.setPeriodic(REFRESH_EVERY.toMillis(), tick -> refresh());
    }

    /** The others need not wait until the list is forgotten. */
    public Future<Void> stop() {
        vertx.cancelTimer(sayTimer);
        vertx.cancelTimer(refreshTimer);
        return link.call(Request.cmd(Command.DEL).arg(key(members.name())))
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    /** While Redis is away nothing is kept to be told: all that is held then, is when it is back. */
    private void changed(UUID collector) {
        if (link.isUp()) {
            changed.put(collector, true);
        }
    }

    int untold() {
        return changed.size();
    }

    /** The names of the servers that hold these collectors, as far as this one can tell. */
    public Future<Map<UUID, String>> find(List<UUID> collectors) {
        var others = members.names().stream()
                .filter(server -> !server.equals(members.name()))
                .map(server -> heldBy(server, collectors))
                .toList();
        return Future.join(others)
                .map(all ->
                        names(collectors, others.stream().map(Future::result).toList()))
                .otherwise(away -> names(collectors, List.of()));
    }

    private Future<Map<UUID, Holder>> heldBy(String server, List<UUID> collectors) {
        if (collectors.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        var request = Request.cmd(Command.HMGET).arg(key(server));
        collectors.forEach(collector -> request.arg(collector.toString()));
        return link.call(request).map(answer -> holders(server, collectors, answer));
    }

    private static Map<UUID, Holder> holders(String server, List<UUID> collectors, Response answer) {
        var holders = new HashMap<UUID, Holder>();
        for (int index = 0; index < collectors.size(); index++) {
            if (answer.get(index) != null) {
                holders.put(
                        collectors.get(index),
                        new Holder(server, answer.get(index).toLong()));
            }
        }
        return holders;
    }

    private Map<UUID, String> names(List<UUID> collectors, List<Map<UUID, Holder>> others) {
        var holders = new HashMap<UUID, Holder>();
        for (var collector : collectors) {
            held.since(collector).ifPresent(since -> holders.put(collector, new Holder(members.name(), since)));
        }
        others.forEach(other -> other.forEach((collector, holder) -> holders.merge(collector, holder, Holder::later)));
        var names = new HashMap<UUID, String>();
        holders.forEach((collector, holder) -> names.put(collector, holder.server));
        return names;
    }

    /** What Redis may have forgotten. */
    private void sayAll() {
        if (link.isUp()) {
            changed.clear();
            link.call(Request.cmd(Command.DEL).arg(key(members.name())));
            held.all().forEach(this::changed);
        }
    }

    private void refresh() {
        if (link.isUp() && !held.all().isEmpty()) {
            link.call(Request.cmd(Command.PEXPIRE).arg(key(members.name())).arg(LASTS.toMillis()))
                    .onSuccess(known -> {
                        if (known.toInteger() == 0) {
                            sayAll();
                        }
                    });
        }
    }

    /** One portion after the other; those that could not be told wait for the next time. */
    private void say() {
        if (!link.isUp() || changed.isEmpty() || !saying.compareAndSet(false, true)) {
            return;
        }
        var portion = changed.keySet().stream().limit(AT_ONCE).toList();
        portion.forEach(changed::remove);
        tell(portion)
                .onFailure(failure -> portion.forEach(this::changed))
                .onComplete(done -> saying.set(false))
                .onSuccess(told -> say());
    }

    private Future<Void> tell(List<UUID> portion) {
        var set = Request.cmd(Command.HSET).arg(key(members.name()));
        var delete = Request.cmd(Command.HDEL).arg(key(members.name()));
        var told = new ArrayList<Future<Response>>();
        int sets = 0;
        for (var collector : portion) {
            var since = held.since(collector);
            if (since.isEmpty()) {
                delete.arg(collector.toString());
            } else {
                set.arg(collector.toString()).arg(since.getAsLong());
                sets++;
            }
        }
        if (sets < portion.size()) {
            told.add(link.call(delete));
        }
        if (sets > 0) {
            told.add(link.call(set));
            told.add(link.call(
                    Request.cmd(Command.PEXPIRE).arg(key(members.name())).arg(LASTS.toMillis())));
        }
        return Future.all(told).mapEmpty();
    }

    private String key(String server) {
        return link.key("{" + server.replaceAll("[{}]", "_") + "}:collectors");
    }
}
