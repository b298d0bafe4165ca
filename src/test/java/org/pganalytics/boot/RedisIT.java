package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.cluster.RealRedis;
import org.pganalytics.ingest.v3.V3Client;
import org.pganalytics.wire.v3.V3Objects;

/** Two servers that share a Redis: what they share, and that they are ready and take batches without it. */
class RedisIT {
    private static final String SECRET = "a secret for a shared Redis";
    private static final String PASSWORD = "not-to-be-seen-anywhere";
    private static final String OPEN = "SELECT count(*) FROM alert WHERE rule = 'redis-away' AND cleared_at IS NULL";

    /** Long, so that a batch that waited for a frozen Redis is told from one on a busy machine. */
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

    private static RealRedis redis;
    private static Program first;
    private static Program second;
    private static HandCollector collector;
    private static long sequence;

    @BeforeAll
    static void start() throws Exception {
        redis = RealRedis.start("--requirepass", PASSWORD);
        var environment = new HashMap<>(Map.of(
                "PGANALYTICS_REGISTRATION_SECRET",
                SECRET,
                "PGANALYTICS_REDIS_URLS",
                redis.url(),
                "PGANALYTICS_REDIS_PASSWORD",
                PASSWORD,
                "PGANALYTICS_REDIS_CALL_TIMEOUT",
                CALL_TIMEOUT.toSeconds() + "s",
                "PGANALYTICS_ALERT_EVALUATE_EVERY",
                "200ms"));
        first = Program.start(Program.folder("redis-a"), environment, "serve").untilReady();
        environment.put("PGANALYTICS_DATABASE_URL", first.ports().getString("database_url"));
        environment.put("PGANALYTICS_DATABASE_PASSFILE", first.ports().getString("database_passfile"));
        second = Program.start(Program.folder("redis-b"), environment, "serve").untilReady();
        collector = HandCollector.register(first, SECRET, "shared");
        collector.open(first);
    }

    @AfterAll
    static void stop() throws Exception {
        for (var each : new AutoCloseable[] {second, first, redis}) {
            if (each != null) {
                each.close();
            }
        }
    }

    private static void pushToBoth() throws Exception {
        for (var server : List.of(first, second)) {
            var answer = collector.pushNative(server, ++sequence);
            assertEquals(200, answer.status(), answer::toString);
        }
    }

    private static void until(String what, Callable<Boolean> isSo) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(isSo);
    }

    private static JsonObject warnings(Program server) throws Exception {
        return new JsonObject(server.get("/health/ready")).getJsonObject("warnings");
    }

    private static void untilUp(boolean up) {
        for (var server : List.of(first, second)) {
            until("up: " + up, () -> server.metric("pganalytics_redis_up") == (up ? 1 : 0));
            until("warned: " + !up, () -> warnings(server).containsKey("redis") == !up);
        }
        until("alerts open", () -> first.number(OPEN) == (up ? 0 : 2));
    }

    private static List<ApiClient> bothApis() throws IOException {
        var token = first.output()
                .lines()
                .filter(line -> line.startsWith("admin token"))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElseThrow();
        return List.of(new ApiClient(first.port("http"), token), new ApiClient(second.port("http"), token));
    }

    private static void untilSecondHolds(ApiClient client, UUID collector) {
        until("its server is told", () -> server(client, collector).contains(":" + second.data() + "#"));
    }

    @Test
    void bothTellTheApiWhichOfThemHoldsACollector() throws Exception {
        var held = HandCollector.register(second, SECRET, "held");
        try (var session = HandSession.open(second, held)) {
            for (var client : bothApis()) {
                untilSecondHolds(client, held.id);
            }
        }
        for (var client : bothApis()) {
            until("nobody holds it", () -> server(client, held.id).isEmpty());
        }
        until("both are counted", () -> first.metric("pganalytics_cluster_servers") == 2);
    }

    @Test
    void bothTellTheApiWhichOfThemACollectorWithoutASessionPushedTo() throws Exception {
        var old = new V3Client(second.port("http"));
        assertEquals(201, old.register(SECRET, "old").status());
        var collector = UUID.fromString(old.collector());
        for (var client : bothApis()) {
            assertEquals("", server(client, collector), "it has not pushed");
        }
        old.collect(V3Objects.oneOfEach(Instant.now().toString(), 1));
        assertEquals(200, old.pushInterval("old"));
        for (var client : bothApis()) {
            untilSecondHolds(client, collector);
        }
    }

    private static String server(ApiClient client, UUID collector) throws Exception {
        var shown = client.ok("showCollector", "collector", collector.toString());
        return shown.getString("server", "") == null ? "" : shown.getString("server", "");
    }

    @Test
    void aRedisThatWasKilledIsAWarningAndAnAlertAndComesBackByItself() throws Exception {
        untilUp(true);
        redis.kill();
        untilUp(false);
        assertEquals(200, first.status("/health/ready"));
        pushToBoth();
        redis.startAgain();
        untilUp(true);
        pushToBoth();
        assertFalse(first.output().contains("been already registered"), "a client has no meters of its own");
    }

    @Test
    void aRedisThatIsFrozenHoldsNoBatchUp() throws Exception {
        untilUp(true);
        redis.freeze();
        for (int round = 0; round < 10; round++) {
            long began = System.nanoTime();
            pushToBoth();
            var took = Duration.ofNanos(System.nanoTime() - began);
            assertTrue(took.compareTo(CALL_TIMEOUT) < 0, "two batches took as long as Redis may: " + took);
        }
        untilUp(false);
        assertEquals(0, first.metric("pganalytics_redis_calls_pending"));
        redis.resume();
        untilUp(true);
    }

    @Test
    void thePasswordIsNowhere() throws Exception {
        for (var server : List.of(first, second)) {
            assertFalse(server.output().contains(PASSWORD));
            assertFalse(server.get("/health/ready").contains(PASSWORD));
        }
    }
}
