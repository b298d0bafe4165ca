package org.pganalytics.admission;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pganalytics.cluster.Members;
import org.pganalytics.cluster.RealRedis;
import org.pganalytics.cluster.RedisConfig;
import org.pganalytics.cluster.RedisLink;

/** As much of a server as limits a collector. */
record BudgetHouse(RedisLink link, Members members, BudgetLeases leases, SimpleMeterRegistry registry) {

    static BudgetHouse open(Vertx vertx, RealRedis redis, String name) {
        return open(vertx, RedisConfig.of(RedisConfig.Mode.STANDALONE, List.of(redis.url())), name);
    }

    static BudgetHouse open(Vertx vertx, RedisConfig config, String name) {
        var registry = new SimpleMeterRegistry();
        var link = new RedisLink(vertx, config, Math::random, registry);
        var members = new Members(vertx, link, name, registry);
        var chance = new Gate.Chance(System::nanoTime, Math::random);
        var leases = new BudgetLeases(vertx, members, chance, Clock.systemUTC(), registry);
        members.start();
        leases.start();
        await(link.start());
        return new BudgetHouse(link, members, leases, registry);
    }

    double pending() {
        return registry.get("pganalytics.redis.calls.pending").gauge().value();
    }

    void leave() {
        await(leases.stop().eventually(members::stop).eventually(link::stop));
    }

    static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }
}
