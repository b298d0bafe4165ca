package org.pganalytics.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Which servers there are: each says so in Redis every few seconds, and is forgotten when it has not for a while. */
public final class Members {
    private static final Duration SAY_EVERY = Duration.ofSeconds(2);
    private static final RedisScript SAY = RedisScript.of("""
            local now = tonumber(redis.call('TIME')[1])
            redis.call('ZADD', KEYS[1], now, ARGV[1])
            redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 16)
            redis.call('EXPIRE', KEYS[1], 60)
            return redis.call('ZRANGE', KEYS[1], 0, 999)
            """);
    private static final RedisScript LEAVE = RedisScript.of("return redis.call('ZREM', KEYS[1], ARGV[1])");

    private final Vertx vertx;
    private final RedisLink link;
    private final String name;
    private volatile List<String> names;
    private long timer = -1;

    /** @param name of this server: the same after a restart, another one for each */
    public Members(Vertx vertx, RedisLink link, String name, MeterRegistry registry) {
        this.vertx = vertx;
        this.link = link;
        this.name = name;
        this.names = List.of(name);
        registry.gauge("pganalytics.cluster.servers", this, Members::count);
    }

    /** To be called before the link is started, so that the servers are known as soon as it is up. */
    public void start() {
        link.onChange((up, why) -> say());
        timer = vertx.setPeriodic(SAY_EVERY.toMillis(), tick -> say());
    }

    /** The others need not wait until it is forgotten. */
    public Future<Void> stop() {
        vertx.cancelTimer(timer);
        return link.run(LEAVE, List.of(key()), List.of(name)).<Void>mapEmpty().otherwiseEmpty();
    }

    private void say() {
        if (link.isUp()) {
            link.run(SAY, List.of(key()), List.of(name)).map(Members::names).onSuccess(heard -> names = heard);
        }
    }

    private static List<String> names(Response answer) {
        return IntStream.range(0, answer.size())
                .mapToObj(index -> answer.get(index).toString())
                .toList();
    }

    private String key() {
        return link.key("servers");
    }

    public RedisLink link() {
        return link;
    }

    /** This server's. */
    public String name() {
        return name;
    }

    /** How many there are, this one included; while Redis is away, how many there were. */
    public int count() {
        return Math.max(1, names.size());
    }

    public List<String> names() {
        return names;
    }
}
