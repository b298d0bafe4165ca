package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.Frame;

/** The whole agent, from a real PostgreSQL to a server on a real socket. */
class AgentIT {
    private static final List<MetricFamily> FAMILIES = FamilyFiles.load(Path.of("conf/families"));
    private static final Map<String, Duration> OFTEN = Map.of(
            "pg_stat_activity", Duration.ofSeconds(1),
            "pg_stat_statements", Duration.ofSeconds(1),
            "pg_stat_user_tables", Duration.ofSeconds(1),
            "pg_stat_bgwriter", Duration.ofSeconds(1));

    private static final Set<String> ALWAYS_WITH_ROWS = Set.of(
            "collector_family_status",
            "pg_locks",
            "pg_stat_activity",
            "pg_stat_bgwriter",
            "pg_stat_database",
            "pg_stat_statements",
            "pg_stat_user_indexes",
            "pg_stat_user_tables",
            "pg_statement_text",
            "server");

    @TempDir
    Path directory;

    private Vertx vertx;
    private FakeServer server;
    private WatchedServer watched;

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
        server = FakeServer.start(vertx);
        watched = WatchedServer.start(17);
    }

    @AfterEach
    void close() {
        server.close();
        Waiting.on(vertx.close());
        watched.close();
    }

    private CollectorConfig config(List<TargetConfig> targets) {
        var link = new LinkConfig(
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                16,
                Duration.ofMillis(50),
                Duration.ofMillis(500));
        return new CollectorConfig(
                "test",
                directory.resolve("state"),
                "a-registration-secret",
                List.of(new ServerConfig("127.0.0.1", server.port(), 0, false, "", true)),
                Duration.ofMinutes(5),
                0,
                targets,
                new BatchConfig(5_000, 1 << 22, Duration.ofMillis(100), 3),
                SpoolConfig.defaults(),
                link);
    }

    private TargetConfig often(TargetConfig target, String host, int port) {
        return new TargetConfig(
                target.name(),
                host,
                port,
                target.user(),
                target.password(),
                target.database(),
                target.databases(),
                target.tls(),
                target.connectionsMax(),
                target.statementTimeout(),
                target.lockTimeout(),
                OFTEN,
                target.skip(),
                target.sources());
    }

    private Agent agent(List<TargetConfig> targets) {
        return new Agent(config(targets), FAMILIES, new SimpleMeterRegistry(), "test");
    }

    private Map<String, Long> rowsByFamily(String target) {
        return SentRows.byFamily(server, target);
    }

    @Test
    void everyFamilyArrivesAndAHungTargetHoldsNobodyUp() {
        var open = new AtomicInteger();
        var hung = vertx.createNetServer().connectHandler(socket -> {
            open.incrementAndGet();
            socket.closeHandler(closed -> open.decrementAndGet());
        });
        Waiting.on(hung.listen(0, "127.0.0.1"));
        var good = watched.target("good", 2);
        var agent = agent(List.of(
                often(watched.target("hung", 2), "127.0.0.1", hung.actualPort()),
                often(good, good.host(), good.port())));
        var deployed = Waiting.on(vertx.deployVerticle(agent));
        Waiting.within(
                Duration.ofSeconds(50), () -> rowsByFamily("good").keySet().containsAll(ALWAYS_WITH_ROWS));
        Waiting.until(() -> agent.status().targets().get(0).errors().size() > 3);
        assertTrue(agent.status().targets().get(1).errors().isEmpty(), agent.status()::toString);
        Waiting.within(
                Duration.ofSeconds(30), () -> rowsByFamily("hung").keySet().equals(Set.of("collector_family_status")));
        assertTrue(open.get() <= 2, "connections that never got an answer are closed: " + open);
        long texts = rowsByFamily("good").get("pg_statement_text");
        long collected = rowsByFamily("good").get("pg_stat_bgwriter");
        Waiting.until(() -> rowsByFamily("good").get("pg_stat_bgwriter") > collected + 4);
        assertTrue(rowsByFamily("good").get("pg_statement_text") < 2 * texts + 20, "a text is sent once");
        assertTrue(agent.status().spool().rowsSettled() > 0);
        assertEquals(0, agent.status().spool().rowsLost());
        Waiting.on(vertx.undeploy(deployed));
        Waiting.on(hung.close());
    }

    @Test
    void whatWasCollectedWhileTheServerWasAwayIsSentByTheNextRun() throws Exception {
        server.script = frame -> frame instanceof Frame.BatchFrame ? List.of() : null;
        var good = watched.target("good", 1);
        var first = agent(List.of(often(good, good.host(), good.port())));
        var deployed = Waiting.on(vertx.deployVerticle(first));
        Waiting.until(() -> first.status().spool().batches() > 3);
        Waiting.on(vertx.undeploy(deployed));
        server.script = frame -> null;
        int registered = registrations();

        var second = agent(List.of());
        deployed = Waiting.on(vertx.deployVerticle(second));
        Waiting.until(() -> server.stored.size() > 3 && second.status().spool().batches() == 0);
        assertEquals(registered, registrations(), "the token was kept");
        assertEquals(server.mark(), server.stored.size());
        var token = directory.resolve("state/token.json");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(token)));
        Waiting.on(vertx.undeploy(deployed));
    }

    private int registrations() {
        return (int)
                server.seen.stream().filter(Frame.Register.class::isInstance).count();
    }

    @Test
    void aTargetStoppedInTheMiddleIsCutOffAndReadAgainWhenItGoesOn() throws Exception {
        var good = watched.target("good", 2);
        var agent = agent(List.of(often(good, good.host(), good.port())));
        var deployed = Waiting.on(vertx.deployVerticle(agent));
        Waiting.until(() -> agent.status().rowsCollected() > 0);
        var backends = watched.database().rows("SELECT pid FROM pg_stat_activity WHERE usename = 'watcher'");
        signal("STOP", backends);
        try {
            Waiting.until(() -> !agent.status().targets().get(0).errors().isEmpty());
            long before = agent.status().rowsCollected();
            Waiting.until(() -> agent.status().rowsCollected() > before + 20);
        } finally {
            signal("CONT", backends);
        }
        Waiting.until(() -> agent.status().targets().get(0).errors().isEmpty());
        Waiting.until(() ->
                watched.database().number("SELECT count(*) FROM pg_stat_activity WHERE usename = 'watcher'") <= 2);
        Waiting.on(vertx.undeploy(deployed));
    }

    private static void signal(String name, List<List<Object>> pids) throws Exception {
        for (var row : pids) {
            new ProcessBuilder("kill", "-" + name, row.get(0).toString())
                    .start()
                    .waitFor();
        }
    }

    @Test
    void aTargetThatIsGoneIsReadAgainWhenItIsBack() {
        var good = watched.target("good", 2);
        var agent = agent(List.of(often(good, good.host(), good.port())));
        var deployed = Waiting.on(vertx.deployVerticle(agent));
        Waiting.until(() -> agent.status().rowsCollected() > 0);
        watched.database()
                .executeAsSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'watcher'");
        long before = agent.status().rowsCollected();
        Waiting.until(() -> agent.status().rowsCollected() > before + 20);
        Waiting.until(() -> agent.status().targets().get(0).errors().isEmpty());
        assertTrue(watched.database()
                        .number("SELECT count(*) FROM pg_stat_activity WHERE usename = 'watcher' AND datname = '"
                                + watched.database().name() + "'")
                <= 2);
        Waiting.on(vertx.undeploy(deployed));
    }
}
