package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongToIntFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
    private record House(
            RedisLink link, Members members, BudgetLeases leases, LeasedBudget budget, SimpleMeterRegistry registry) {
        double pending() {
            return registry.get("pganalytics.redis.calls.pending").gauge().value();
        }
    }

    /** Where the collector sends, by the nanoseconds since it began: a server's number, or -1 for each in turn. */
    enum Traffic {
        EVENLY(nanos -> -1),
        TO_ONE(nanos -> 0),
        TO_LAST(nanos -> 2),
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
        return new House(link, members, leases, leases.budget(collector, LIMITS), registry);
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
        return send(traffic, time, new AtomicLong());
    }

    private long send(Traffic traffic, Duration time, AtomicLong rows) throws InterruptedException {
        long began = System.nanoTime();
        int turn = 0;
        while (System.nanoTime() - began < time.toNanos()) {
            int to = traffic.where.applyAsInt(System.nanoTime() - began);
            var budget = houses.get(to < 0 ? turn++ % 3 : to).budget;
            if (budget.untilOpen().isZero()) {
                budget.charge(BATCH_ROWS, 1);
                rows.addAndGet(BATCH_ROWS);
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return rows.get();
    }

    private double ratio(Traffic traffic) throws InterruptedException {
        long began = System.nanoTime();
        long rows = send(traffic, WINDOW);
        return rows / (ROWS_PER_SECOND * (System.nanoTime() - began) / 1e9);
    }

    @ParameterizedTest
    @EnumSource(names = {"EVENLY", "TO_ONE", "MOVING"})
    void overAllServersTheLimitHolds(Traffic traffic) throws Exception {
        long atFirst = send(traffic, Duration.ofSeconds(2));
        assertTrue(atFirst >= BURST_ROWS + ROWS_PER_SECOND, "the burst passes: " + atFirst);

        assertHolds(traffic, ratio(traffic));
    }

    private static void assertHolds(Object when, double ratio) {
        System.err.printf("limit over three servers, %s: %.3f%n", when, ratio);
        assertTrue(ratio > 0.8 && ratio < 1.2, when + ": " + ratio);
    }

    private void awaitUp(boolean up) {
        Awaitility.await("Redis is up: " + up)
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> houses.stream().allMatch(house -> house.link.isUp() == up));
    }

    @ParameterizedTest
    @EnumSource(names = {"EVENLY", "TO_ONE"})
    void withoutRedisEachGoesOnWithThePartItHad(Traffic traffic) throws Exception {
        assertHoldsOver(traffic, redis::kill, redis::startAgain);
    }

    private interface Step {
        void run() throws Exception;
    }

    /** The collector goes on all the time. */
    private void assertHoldsOver(Traffic traffic, Step fails, Step heals) throws Exception {
        send(traffic, Duration.ofSeconds(3));
        try (var sending = new Sending(traffic)) {
            fails.run();
            awaitUp(false);
            assertHolds("while it is away, " + traffic, sending.ratio(WINDOW));
            heals.run();
            awaitUp(true);
            assertHolds("since it is back, " + traffic, sending.ratio(WINDOW));
            assertHolds("in all, " + traffic, sending.ratio());
        }
    }

    /** Traffic on a thread of its own. */
    private final class Sending implements AutoCloseable {
        private final AtomicLong rows = new AtomicLong();
        private final long began = System.nanoTime();
        private final Thread thread;

        Sending(Traffic traffic) {
            thread = new Thread(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    try {
                        send(traffic, Duration.ofSeconds(60), rows);
                    } catch (InterruptedException end) {
                        return;
                    }
                }
            });
            thread.start();
        }

        double ratio() {
            return rows.get() / (ROWS_PER_SECOND * (System.nanoTime() - began) / 1e9);
        }

        double ratio(Duration window) throws InterruptedException {
            long from = System.nanoTime();
            long before = rows.get();
            TimeUnit.NANOSECONDS.sleep(window.toNanos());
            return (rows.get() - before) / (ROWS_PER_SECOND * (System.nanoTime() - from) / 1e9);
        }

        @Override
        public void close() throws InterruptedException {
            thread.interrupt();
            thread.join();
        }
    }

    @Test
    void aFrozenRedisHoldsNothingUp() throws Exception {
        assertHoldsOver(Traffic.EVENLY, redis::freeze, () -> {
            assertTrue(houses.stream().allMatch(house -> house.pending() == 0), "nothing waits for it");
            redis.resume();
        });
    }

    /** Half a second's worth at the most was on its way when the server left. */
    @Test
    void whatAServerDidNotUseIsTheOthersWhenItLeaves() throws Exception {
        send(Traffic.EVENLY, Duration.ofSeconds(2));
        await(houses.get(0).leases.stop());
        await(houses.get(0).members.stop());
        assertEquals("", redis.ask("ZSCORE", "pganalytics:servers", "server-0"), "it is gone");
        assertHolds("one left", ratio(Traffic.TO_LAST));
    }

    @Test
    void aCollectorBelowItsLimitIsNeverTurnedAway() throws Exception {
        for (int batch = 0; batch < 300; batch++) {
            var budget = houses.get(batch / 10 % 3).budget;
            assertEquals(Duration.ZERO, budget.untilOpen(), "batch " + batch);
            budget.charge((long) (ROWS_PER_SECOND / 250), 1);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
