package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongToIntFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pganalytics.cluster.Members;
import org.pganalytics.cluster.RealRedis;
import org.pganalytics.cluster.RedisConfig;
import org.pganalytics.cluster.RedisLink;

/** A collector's limits hold over three servers together, wherever it sends, with a real Redis and without it. */
class SharedLimitsIT {
    private static final double ROWS_PER_SECOND = 20_000;
    private static final int BATCH_ROWS = 200;
    private static final long BURST_ROWS = 20_000;
    private static final RateLimits LIMITS = new RateLimits(ROWS_PER_SECOND, BURST_ROWS, 1e12, 1L << 40);
    private static final Duration WINDOW = Duration.ofSeconds(3);

    private final Vertx vertx = Vertx.vertx();
    private final UUID collector = UUID.randomUUID();
    private final List<House> houses = new ArrayList<>();
    private RealRedis redis;

    /** As much of a server as limits a collector. */
    private record House(RedisLink link, Members members, BudgetLeases leases, LeasedBudget budget) {}

    /** Where the collector sends, by the nanoseconds since it began: a server's number, or -1 for each in turn. */
    enum Traffic {
        EVENLY(nanos -> -1),
        TO_ONE(nanos -> 0),
        MOVING(nanos -> (int) (nanos / 300_000_000 % 3));

        private final LongToIntFunction where;

        Traffic(LongToIntFunction where) {
            this.where = where;
        }
    }

    @BeforeEach
    void start() throws Exception {
        redis = RealRedis.start();
        for (int number = 0; number < 3; number++) {
            houses.add(house("server-" + number));
        }
        Awaitility.await("all know each other")
                .atMost(Duration.ofSeconds(15))
                .until(() -> houses.stream().allMatch(house -> house.members.count() == 3));
    }

    private House house(String name) {
        var registry = new SimpleMeterRegistry();
        var config = RedisConfig.of(RedisConfig.Mode.STANDALONE, List.of(redis.url()));
        var link = new RedisLink(vertx, config, Math::random, registry);
        var members = new Members(vertx, link, name, registry);
        var leases = new BudgetLeases(vertx, members, new Gate.Chance(System::nanoTime, Math::random), registry);
        members.start();
        leases.start();
        await(link.start());
        return new House(link, members, leases, leases.budget(collector, LIMITS));
    }

    @AfterEach
    void stop() throws Exception {
        houses.forEach(house ->
                await(house.leases.stop().eventually(house.members::stop).eventually(house.link::stop)));
        await(vertx.close());
        redis.close();
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    /** Sends all that gets through, and offers five times as much. @return rows that got through */
    private long send(Traffic traffic, Duration time) throws InterruptedException {
        long began = System.nanoTime();
        long rows = 0;
        int turn = 0;
        while (System.nanoTime() - began < time.toNanos()) {
            int to = traffic.where.applyAsInt(System.nanoTime() - began);
            var budget = houses.get(to < 0 ? turn++ % 3 : to).budget;
            if (budget.untilOpen().isZero()) {
                budget.charge(BATCH_ROWS, 1);
                rows += BATCH_ROWS;
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return rows;
    }

    private double ratio(Traffic traffic) throws InterruptedException {
        long began = System.nanoTime();
        long rows = send(traffic, WINDOW);
        return rows / (ROWS_PER_SECOND * (System.nanoTime() - began) / 1e9);
    }

    @ParameterizedTest
    @EnumSource
    void overAllServersTheLimitHolds(Traffic traffic) throws Exception {
        long atFirst = send(traffic, Duration.ofSeconds(2));
        assertTrue(atFirst >= BURST_ROWS + ROWS_PER_SECOND, "the burst passes: " + atFirst);

        double ratio = ratio(traffic);
        System.err.printf("limit over three servers, %s: %.3f%n", traffic, ratio);
        assertTrue(ratio > 0.8 && ratio < 1.2, traffic + ": " + ratio);
    }
}
