package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Source;

/** A real PgBouncer before a real PostgreSQL, watched through its console. */
class PgBouncerIT {
    private static final List<MetricFamily> FAMILIES = FamilyFiles.load(Path.of("conf/families")).stream()
            .filter(family -> family.reading().source() == Source.PGBOUNCER)
            .toList();
    private static final String PASSWORD = "watching-is-all-it-may-do";

    @TempDir
    Path directory;

    private final List<ColumnBlock> found = new ArrayList<>();
    private Vertx vertx;
    private Context loop;
    private WatchedServer watched;
    private Process bouncer;
    private int port;

    @BeforeEach
    void open() throws Exception {
        vertx = Vertx.vertx();
        loop = vertx.getOrCreateContext();
        watched = WatchedServer.start(17);
        port = freePort();
        bouncer = start();
        Waiting.until(this::answers);
    }

    @AfterEach
    void close() throws Exception {
        bouncer.destroyForcibly();
        bouncer.waitFor();
        watched.close();
        Waiting.on(vertx.close());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** It refuses to run as root. */
    private Process start() throws IOException {
        var target = watched.target("server", 1);
        Files.writeString(
                directory.resolve("users.txt"), "\"watcher\" \"%1$s\"\n\"nobody\" \"%1$s\"\n".formatted(PASSWORD));
        Files.writeString(directory.resolve("pgbouncer.ini"), """
                [databases]
                shop = host=%s port=%d dbname=%s
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                stats_users = watcher
                pool_mode = transaction
                """.formatted(
                        target.host(), target.port(), target.database(), port, directory.resolve("users.txt")));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        boolean root = System.getProperty("user.name").equals("root");
        var command = new ArrayList<>(List.of("/usr/sbin/pgbouncer"));
        command.addAll(root ? List.of("-u", "nobody") : List.of());
        command.add(directory.resolve("pgbouncer.ini").toString());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                .start();
    }

    private boolean answers() {
        try (var through = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:%d/shop".formatted(port), "watcher", PASSWORD);
                var statement = through.createStatement()) {
            return statement.execute("SELECT 1");
        } catch (java.sql.SQLException notYet) {
            assertTrue(bouncer.isAlive(), this::log);
            return false;
        }
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("pgbouncer.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private TargetConfig target(String password) {
        return target("watcher", password);
    }

    private TargetConfig target(String user, String password) {
        return new TargetConfig(
                "bouncer",
                "127.0.0.1",
                port,
                user,
                password,
                "postgres",
                List.of(),
                TargetTlsConfig.NONE,
                1,
                Duration.ofSeconds(2),
                Duration.ofMillis(200),
                Map.of(),
                Set.of(),
                new TargetSourcesConfig(TargetSourcesConfig.Kind.PGBOUNCER, TargetSourcesConfig.OnThisHost.NO));
    }

    private Future<Void> read(TargetConfig target, MetricFamily family) {
        return Future.future(promise -> loop.runOnContext(turn -> {
            var config = new BatchConfig(5_000, 1 << 22, Duration.ofMillis(100), 3);
            var batcher = new Batcher(vertx, config, blocks -> {
                found.addAll(blocks);
                return Future.succeededFuture(true);
            });
            var sorting = vertx.createSharedWorkerExecutor("pgbouncer-it", 1);
            var outlet = new Outlet(batcher, sorting, Clock.systemUTC(), new Random(1));
            new PgBouncerReader(vertx, target, Duration.ofSeconds(2), outlet, Clock.systemUTC())
                    .read(family)
                    .compose(read -> batcher.flush())
                    .<Void>mapEmpty()
                    .onComplete(promise);
        }));
    }

    @Test
    void poolsAndStatsAreReadFromTheConsole() {
        for (var family : FAMILIES) {
            Waiting.on(read(target(PASSWORD), family));
        }
        assertEquals(
                List.of("pgbouncer_pools", "pgbouncer_stats"),
                found.stream().map(block -> block.schema().family()).toList());
        for (var block : found) {
            var names = block.schema().columns().stream()
                    .map(column -> column.name())
                    .toList();
            var databases = (ColumnVector.Texts) block.vectors().get(names.indexOf("database"));
            int shop = 0;
            while (!databases.text(shop).equals("shop")) {
                shop++;
            }
            for (var name :
                    Set.of("cl_active", "sv_idle", "maxwait", "total_query_count", "total_sent", "total_wait_time")) {
                if (names.contains(name)) {
                    assertTrue(!block.vectors().get(names.indexOf(name)).isNull(shop), name);
                }
            }
        }
        var stats = found.get(1);
        var queries = (ColumnVector.Longs) stats.vectors().get(2);
        assertEquals("total_query_count", stats.schema().columns().get(2).name());
        assertTrue(java.util.stream.LongStream.of(queries.values()).sum() >= 1, "the query that tried the way");
    }

    @Test
    void aWrongPasswordAndAStoppedPgBouncerAreToldAndNothingIsLeftOpen() throws Exception {
        var refused = read(target("wrong"), FAMILIES.get(0));
        Waiting.until(refused::isComplete);
        assertTrue(refused.failed());
        assertEquals(Condition.State.FAILING, Condition.of(refused.cause()).state());
        signal("STOP");
        try {
            var late = read(target(PASSWORD), FAMILIES.get(0));
            Waiting.until(late::isComplete);
            assertTrue(late.failed(), "it never answers");
        } finally {
            signal("CONT");
        }
        assertTrue(found.isEmpty());
        Waiting.on(read(target(PASSWORD), FAMILIES.get(0)));
    }

    @Test
    void aCheckTellsWhoMayReadTheConsoleAndWhatToDoForWhoMayNot() {
        var good = check(target(PASSWORD));
        assertEquals(
                List.of("reachable", "pgbouncer_pools", "pgbouncer_stats"),
                good.stream().map(Finding::subject).toList());
        assertTrue(good.stream().noneMatch(Finding::isProblem), good::toString);
        var notAllowed = check(target("nobody", PASSWORD)).get(0);
        assertTrue(notAllowed.isProblem());
        assertTrue(notAllowed.remedy().contains("add nobody to stats_users"), notAllowed::toString);
        var wrong = check(target("wrong")).get(0);
        assertTrue(wrong.isProblem() && wrong.remedy().contains("password"), wrong::toString);
        assertTrue(!wrong.toString().contains(PASSWORD));
        bouncer.destroyForcibly();
        Waiting.until(() -> !bouncer.isAlive());
        assertTrue(check(target(PASSWORD)).get(0).remedy().contains("mend host and port"));
    }

    private List<Finding> check(TargetConfig target) {
        return Waiting.on(Future.future(
                promise -> loop.runOnContext(go -> new PgBouncerCheck(vertx, target, FAMILIES, Duration.ofSeconds(2))
                        .run()
                        .onComplete(promise))));
    }

    private void signal(String name) throws Exception {
        var pid = String.valueOf(bouncer.pid());
        new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
    }

    @Test
    void anAgentReadsItLikeAnyTarget() {
        var server = FakeServer.start(vertx);
        var config = new CollectorConfig(
                "test",
                directory.resolve("state"),
                "a-registration-secret",
                List.of(new ServerConfig("127.0.0.1", server.port(), 0, false, "", true)),
                Duration.ofMinutes(5),
                0,
                List.of(target(PASSWORD)),
                new BatchConfig(5_000, 1 << 22, Duration.ofMillis(100), 3),
                SpoolConfig.defaults(),
                new LinkConfig(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(5),
                        16,
                        Duration.ofMillis(50),
                        Duration.ofMillis(500)));
        var all = FamilyFiles.load(Path.of("conf/families"));
        var agent = new Agent(config, all, new SimpleMeterRegistry(), "test");
        var deployed = Waiting.on(vertx.deployVerticle(agent));
        Waiting.until(() -> agent.status().spool().rowsSettled() >= 2);
        assertEquals(Map.of(), agent.status().targets().get(0).errors());
        Waiting.on(vertx.undeploy(deployed));
        server.close();
    }
}
