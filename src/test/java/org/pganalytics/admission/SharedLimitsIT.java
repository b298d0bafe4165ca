package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongToIntFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pganalytics.cluster.RealRedis;

/** A collector's limits hold over three servers together, wherever it sends, with a real Redis and without it. */
class SharedLimitsIT {
    private static final double ROWS_PER_SECOND = 20_000;
    private static final int BATCH_ROWS = 200;
    private static final long BURST_ROWS = 20_000;
    private static final RateLimits LIMITS = new RateLimits(ROWS_PER_SECOND, BURST_ROWS, 1e12, 1L << 40);
    private static final Duration WINDOW = Duration.ofSeconds(2);

    private static Vertx vertx;
    private static final List<BudgetHouse> HOUSES = new ArrayList<>();
    private static RealRedis redis;

    private List<LeasedBudget> budgets;

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

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        HOUSES.clear();
        redis = RealRedis.start();
        for (int number = 0; number < 3; number++) {
            HOUSES.add(BudgetHouse.open(vertx, redis, "server-" + number));
        }
        Awaitility.await("all know each other")
                .atMost(Duration.ofSeconds(15))
                .until(() -> HOUSES.stream().allMatch(house -> house.members().count() == 3));
    }

    /** One of its own for each test. */
    @BeforeEach
    void newCollector() {
        var collector = UUID.randomUUID();
        budgets = HOUSES.stream()
                .map(house -> house.leases().budget(collector, LIMITS))
                .toList();
    }

    @AfterAll
    static void stop() throws Exception {
        HOUSES.forEach(BudgetHouse::leave);
        BudgetHouse.await(vertx.close());
        redis.close();
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
            var budget = budgets.get(to < 0 ? turn++ % 3 : to);
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
    @EnumSource
    void overAllServersTheLimitHolds(Traffic traffic) throws Exception {
        long atFirst = send(traffic, Duration.ofSeconds(2));
        assertTrue(atFirst >= BURST_ROWS + ROWS_PER_SECOND, "the burst passes: " + atFirst);

        assertHolds(traffic, ratio(traffic));
    }

    private static void assertHolds(Object when, double ratio) {
        assertTrue(ratio > 0.8 && ratio < 1.2, when + ": " + ratio);
    }

    private void awaitUp(boolean up) {
        Awaitility.await("Redis is up: " + up)
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> HOUSES.stream().allMatch(house -> house.link().isUp() == up));
    }

    @Test
    void withoutRedisEachGoesOnWithThePartItHad() throws Exception {
        assertHoldsOver(Traffic.EVENLY, redis::kill, redis::startAgain);
    }

    private interface Step {
        void run() throws Exception;
    }

    /** The collector goes on all the time. */
    private void assertHoldsOver(Traffic traffic, Step fails, Step heals) throws Exception {
        send(traffic, Duration.ofSeconds(2));
        try (var sending = new Sending(traffic)) {
            fails.run();
            awaitUp(false);
            assertHolds("while it is away, " + traffic, sending.ratio(WINDOW));
            heals.run();
            awaitUp(true);
            sending.ratio(Duration.ofSeconds(1));
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
            assertTrue(HOUSES.stream().allMatch(house -> house.pending() == 0), "nothing waits for it");
            assertTrue(redis.connections() <= HOUSES.size(), "connections: " + redis.connections());
            redis.resume();
        });
    }

    @Test
    void whatAServerDidNotUseIsTheOthersWhenItLeaves() throws Exception {
        var leaving = BudgetHouse.open(vertx, redis, "leaving");
        var collector = UUID.randomUUID();
        var budget = leaving.leases().budget(collector, LIMITS);
        for (int batch = 0; batch < 50; batch++) {
            budget.charge(BATCH_ROWS, 1);
            TimeUnit.MILLISECONDS.sleep(10);
        }
        leaving.leave();

        var left = Double.parseDouble(redis.ask("HGET", "pganalytics:{" + collector + "}:budget", "r"));
        assertTrue(left > BURST_ROWS - 2 * BATCH_ROWS * 50 / 5, "of " + BURST_ROWS + " are left " + left);
        assertEquals("", redis.ask("ZSCORE", "pganalytics:servers", "leaving"), "it is gone");
    }

    @Test
    void aCollectorBelowItsLimitIsNeverTurnedAway() throws Exception {
        for (int batch = 0; batch < 300; batch++) {
            var budget = budgets.get(batch / 10 % 3);
            assertEquals(Duration.ZERO, budget.untilOpen(), "batch " + batch);
            budget.charge((long) (ROWS_PER_SECOND / 250), 1);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
