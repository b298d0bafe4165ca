package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.cluster.RealRedis;
import org.pganalytics.cluster.RedisConfig;

/** What a server leaves behind of collectors' limits in a real Redis, when it ends and when it starts again. */
class BudgetLeasesIT {
    private static final long BURST_ROWS = 20_000;

    private static Vertx vertx;
    private static RealRedis redis;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        redis = RealRedis.start();
    }

    @AfterAll
    static void stop() throws Exception {
        BudgetHouse.await(vertx.close());
        redis.close();
    }

    private double rowsLeft(UUID collector) throws Exception {
        var kept = redis.ask("HGET", "pganalytics:{" + collector + "}:budget", "r");
        return kept.isEmpty() ? Double.NaN : Double.parseDouble(kept);
    }

    @Test
    void whatAServerAccountedForStaysSoAfterItsRestart() throws Exception {
        var hardlyAny = new RateLimits(1, BURST_ROWS, 1e12, 1L << 40);
        var collector = UUID.randomUUID();
        var before = BudgetHouse.open(vertx, redis, "restarted");
        before.leases().budget(collector, hardlyAny).charge(BURST_ROWS / 2, 1);
        Awaitility.await("it is accounted for").until(() -> rowsLeft(collector) <= BURST_ROWS / 2 + 100);
        Awaitility.await("the answer has come").until(() -> before.pending() == 0);
        BudgetHouse.await(before.link().stop());
        double left = rowsLeft(collector);

        var after = BudgetHouse.open(vertx, redis, "restarted");
        after.leases().budget(collector, hardlyAny).charge(BURST_ROWS / 4, 1);
        Awaitility.await("so is what came since").until(() -> Math.abs(rowsLeft(collector) - left) > 100);
        assertEquals(left - BURST_ROWS / 4, rowsLeft(collector), 100);
        after.leave();
    }

    /** Sixteen calls at once, for forty collectors. */
    private static RedisConfig withFewCalls() {
        var shipped = RedisConfig.of(RedisConfig.Mode.STANDALONE, List.of(redis.url()));
        return new RedisConfig(
                shipped.mode(),
                shipped.urls(),
                shipped.masterName(),
                shipped.user(),
                shipped.password(),
                null,
                shipped.connectTimeout(),
                shipped.callTimeout(),
                shipped.retryMax(),
                16,
                shipped.prefix(),
                shipped.renewEvery());
    }

    /** Rows that its last exchange took out of the bucket, for what was used and as a grant. */
    private double taken(UUID collector) throws Exception {
        var exchange = redis.ask("HGET", "pganalytics:{" + collector + "}:budget", "x:leaving-busy");
        return exchange.isEmpty() ? Double.NaN : Double.parseDouble(exchange.split(" ")[1]);
    }

    @Test
    void whoLeavesGivesBackWhatIsOnItsWayTooHoweverManyTheCollectorsAre() throws Exception {
        var limits = new RateLimits(100, 100_000, 1e12, 1L << 40);
        int used = 21;
        var leaving = BudgetHouse.open(vertx, withFewCalls(), "leaving-busy");
        var collectors = Stream.generate(UUID::randomUUID).limit(40).toList();
        var late = collectors.stream()
                .map(collector -> leaving.leases().budget(collector, limits))
                .toList();
        late.forEach(budget -> budget.charge(used, 1));
        BudgetHouse.await(leaving.leases().stop());

        for (var collector : collectors) {
            assertTrue(taken(collector) <= used, "a grant is lost");
        }
        double before = taken(collectors.get(0));
        late.forEach(budget -> budget.charge(1_000, 1));
        TimeUnit.MILLISECONDS.sleep(100);
        assertEquals(0, leaving.pending(), "nothing begins after the end");
        assertEquals(before, taken(collectors.get(0)));
        leaving.leave();
    }
}
