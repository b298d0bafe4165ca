package org.pganalytics.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.tls.TestAuthority;

/** Redis with sentinels, as a cluster, and with TLS and users: real ones. */
class RedisKindsIT {
    private static final RedisScript COUNT = RedisScript.of("return redis.call('INCRBY', KEYS[1], ARGV[1])");

    /** As docs/operations.md tells them. */
    private static final List<String> PERMISSIONS =
            List.of("+@connection", "+@read", "+@write", "+@scripting", "+time");

    private final Vertx vertx = Vertx.vertx();
    private final List<RealRedis> running = new ArrayList<>();
    private RedisLink link;

    @TempDir
    private Path folder;

    @AfterEach
    void stop() throws Exception {
        if (link != null) {
            await(link.stop());
        }
        await(vertx.close());
        for (var redis : running) {
            redis.close();
        }
    }

    private RealRedis running(RealRedis redis) {
        running.add(redis);
        return redis;
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private void connect(RedisConfig config) {
        link = new RedisLink(vertx, config, Math::random, new SimpleMeterRegistry());
        await(link.start());
    }

    private int count(String about, int by) {
        return await(link.run(COUNT, List.of(link.key(about)), List.of(Integer.toString(by))))
                .toInteger();
    }

    private void until(String what, boolean up) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> link.isUp() == up);
    }

    @Test
    void theMasterThatSentinelsNameIsUsedAndItsSuccessorWhenItDies() throws Exception {
        var master = running(RealRedis.start());
        var replica = running(
                RealRedis.start("--replicaof", "127.0.0.1 " + master.port(), "--repl-diskless-sync-delay", "0"));
        Awaitility.await("it follows")
                .atMost(Duration.ofSeconds(10))
                .until(() -> replica.ask("INFO", "replication").contains("master_link_status:up"));
        var sentinel = running(RealRedis.sentinelOf(master));
        Awaitility.await("the sentinel knows of it")
                .atMost(Duration.ofSeconds(15))
                .until(() -> sentinel.ask("SENTINEL", "REPLICAS", "mymaster").contains("" + replica.port()));

        connect(RedisConfig.of(RedisConfig.Mode.SENTINEL, List.of(sentinel.url())));
        assertTrue(link.isUp(), () -> link.problem().toString());
        assertEquals(1, count("a", 1));
        Awaitility.await("the replica has it")
                .atMost(Duration.ofSeconds(5))
                .until(() -> replica.ask("GET", "pganalytics:a").equals("1"));

        master.kill();
        until("the master is missed", false);
        until("its successor is found", true);
        assertEquals(3, count("a", 2));
        assertEquals("3", replica.ask("GET", "pganalytics:a"));
    }

    @Test
    void eachKeyOfAClusterIsWhereItBelongs() throws Exception {
        var nodes = new ArrayList<RealRedis>();
        for (int number = 0; number < 3; number++) {
            nodes.add(running(RealRedis.start("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")));
        }
        var create = new ArrayList<>(List.of("--cluster", "create"));
        nodes.forEach(node -> create.add("127.0.0.1:" + node.port()));
        create.add("--cluster-yes");
        var said = nodes.get(0).ask(create.toArray(String[]::new));
        assertTrue(said.contains("All 16384 slots covered"), said);
        for (var node : nodes) {
            Awaitility.await("each node knows of it")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> node.ask("CLUSTER", "INFO").contains("cluster_state:ok"));
        }

        connect(RedisConfig.of(
                RedisConfig.Mode.CLUSTER,
                List.of(nodes.get(0).url(), nodes.get(1).url())));
        assertTrue(link.isUp(), () -> link.problem().toString());
        for (int key = 0; key < 50; key++) {
            assertEquals(7, count("{" + UUID.randomUUID() + "}:budget", 7));
        }
        for (var node : nodes) {
            assertTrue(Integer.parseInt(node.ask("DBSIZE")) > 5, "every node has its part");
        }

        nodes.get(2).kill();
        until("a node is missed", false);
        nodes.get(2).startAgain();
        until("it is back", true);
    }

    @Test
    void aUserOfItsOwnReachesItsKeysOverTlsAndNobodyElseDoes() throws Exception {
        var authority = TestAuthority.make(folder, "redis");
        var certificate = authority.certify("127.0.0.1");
        int port = RealRedis.freePort();
        var options = new ArrayList<>(List.of("--port", "0", "--tls-port", "" + port, "--tls-auth-clients", "no"));
        options.addAll(List.of("--tls-cert-file", certificate.certificate().toString()));
        options.addAll(List.of("--tls-key-file", certificate.key().toString()));
        options.addAll(List.of("--tls-ca-cert-file", authority.certificate().toString()));
        options.addAll(List.of("--save", "", "--user", "default", "off"));
        options.addAll(List.of("--user", "pganalytics", "on", ">secret-of-it", "~pganalytics:*"));
        options.addAll(PERMISSIONS);
        running(RealRedis.start(port, options));
        var url = "rediss://127.0.0.1:" + port;

        connect(as(url, "pganalytics", "secret-of-it", authority.certificate()));
        assertTrue(link.isUp(), () -> link.problem().toString());
        assertEquals(4, count("a", 4));
        await(link.stop());

        var stranger = TestAuthority.make(folder, "stranger");
        for (var wrong : List.of(
                as(url, "pganalytics", "another", authority.certificate()),
                as(url, "", "", authority.certificate()),
                as(url, "pganalytics", "secret-of-it", stranger.certificate()),
                as(url.replace("127.0.0.1", "localhost"), "pganalytics", "secret-of-it", authority.certificate()),
                as(url.replace("rediss", "redis"), "pganalytics", "secret-of-it", null))) {
            connect(wrong);
            assertFalse(link.isUp(), wrong.toString());
            assertFalse(link.problem().orElseThrow().contains("secret-of-it"));
            await(link.stop());
        }
    }

    private RedisConfig standalone(RealRedis redis) {
        return RedisConfig.of(RedisConfig.Mode.STANDALONE, List.of(redis.url()));
    }

    @Test
    void aRedisThatRunsNoScriptsForItIsAway() throws Exception {
        var redis = running(RealRedis.start());
        redis.ask("ACL", "SETUSER", "default", "-@scripting");
        connect(standalone(redis));
        assertTrue(
                link.problem().orElseThrow().contains("NOPERM"),
                () -> link.problem().toString());
    }

    @Test
    void oneThatGreetsAndThenRefusesIsNotConnectedAgainAndAgain() throws Exception {
        var redis = running(RealRedis.start());
        redis.ask("ACL", "SETUSER", "default", "-get");
        connect(standalone(redis));
        int lines = 0;
        var was = false;
        long began = System.nanoTime();
        while (System.nanoTime() - began < Duration.ofSeconds(2).toNanos()) {
            boolean up = link.isUp();
            lines += up && !was ? 1 : 0;
            was = up;
            link.call(Request.cmd(Command.GET).arg(link.key("a")));
            TimeUnit.MILLISECONDS.sleep(2);
        }
        assertTrue(lines >= 2 && lines <= 7, "connections in 2 s: " + lines);
    }

    private static RedisConfig as(String url, String user, String password, Path ca) {
        var shipped = RedisConfig.of(RedisConfig.Mode.STANDALONE, List.of(url));
        return new RedisConfig(
                shipped.mode(),
                shipped.urls(),
                shipped.masterName(),
                user,
                password,
                ca,
                Duration.ofSeconds(5),
                shipped.callTimeout(),
                shipped.retryMax(),
                shipped.callsMax(),
                shipped.prefix(),
                shipped.renewEvery());
    }
}
