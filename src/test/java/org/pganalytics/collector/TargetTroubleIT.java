package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.database.PrivateServer;

/** A target that stops, dies, is full, is promoted or becomes another one: it comes back, and harms no other meanwhile. */
class TargetTroubleIT {
    private static final String PASSWORD = "watching-is-all-it-may-do";

    @TempDir
    Path directory;

    private Vertx vertx;
    private FakeServer server;
    private WatchedServer good;
    private PrivateServer bad;
    private Agent agent;
    private String deployed;

    @BeforeEach
    void open() throws Exception {
        vertx = Vertx.vertx();
        server = FakeServer.start(vertx);
        good = WatchedServer.start(17);
        bad = prepared(PrivateServer.start(17, 0, 10));
    }

    private static PrivateServer prepared(PrivateServer fresh) {
        fresh.execute(
                "CREATE ROLE watcher LOGIN PASSWORD '%s' IN ROLE pg_monitor".formatted(PASSWORD),
                "CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
        return fresh;
    }

    @AfterEach
    void close() {
        server.close();
        Waiting.on(vertx.close());
        good.close();
        bad.close();
    }

    private void watch() {
        var other = good.target("good", 2);
        var config = CollectorConfigFile.of("""
                name = test, state.dir = "%s", registration.secret = "a-registration-secret", cpu-budget = 0
                servers = [ { host = "127.0.0.1", tcp-port = %d, http-port = 0 } ]
                link { connect-timeout = 2s, retry-first = 50ms }, batch.flush-after = 100ms
                targets = [ %s, %s ]
                """.formatted(
                        directory,
                        server.port(),
                        target("good", other.port(), other.database()),
                        target("bad", bad.port(), "pganalytics")));
        agent = new Agent(config, FamilyFiles.load(Path.of("conf/families")), new SimpleMeterRegistry(), "test");
        deployed = Waiting.on(vertx.deployVerticle(agent));
        Waiting.until(() -> rows("bad", "server") > 0 && rows("good", "server") > 0);
        Waiting.until(() -> agent.status().targets().size() == 2);
    }

    private static String target(String name, int port, String database) {
        return """
                { name = %s, host = "127.0.0.1", port = %d, user = watcher, password = "%s"
                  sslmode = disable, database = "%s",
                  databases = [ "%s" ], connections-max = 2, statement-timeout = 1s
                  intervals { server = 1s, pg_stat_activity = 1s, pg_stat_statements = 1s
                              pg_stat_bgwriter = 1s, pg_stat_io = 1s } }
                """.formatted(name, port, PASSWORD, database, database);
    }

    private long rows(String target, String family) {
        return SentRows.byFamily(server, target).getOrDefault(family, 0L);
    }

    private TargetStatus status(String target) {
        return agent.status().targets().stream()
                .filter(one -> one.name().equals(target))
                .findFirst()
                .orElseThrow();
    }

    /** The other one is read all the while, and nothing of it goes wrong. */
    private void theGoodOneGoesOn() {
        long before = rows("good", "server");
        Waiting.until(() -> rows("good", "server") > before + 3);
        assertEquals(Map.of(), status("good").errors());
    }

    private void theBadOneComesBack() {
        long before = rows("bad", "server");
        Waiting.within(Duration.ofSeconds(60), () -> rows("bad", "server") > before + 2);
        Waiting.until(() -> status("bad").errors().isEmpty());
        Waiting.on(vertx.undeploy(deployed));
    }

    @Test
    void oneThatIsStoppedWholeIsGivenUpAndComesBack() throws Exception {
        watch();
        bad.signal("STOP");
        try {
            Waiting.until(
                    () -> status("bad").errors().values().stream().anyMatch(why -> why.contains("no answer within")));
            theGoodOneGoesOn();
        } finally {
            bad.signal("CONT");
        }
        theBadOneComesBack();
        Waiting.until(() -> bad.number("SELECT count(*) FROM pg_stat_activity WHERE usename = 'watcher'") == 0);
    }

    @Test
    void oneThatDiesIsReadWholeAgainWhenItIsBack() throws Exception {
        watch();
        Waiting.until(() -> rows("bad", "pg_stat_statements") > 0);
        new ProcessBuilder("kill", "-KILL", Long.toString(bad.pid())).start().waitFor();
        theGoodOneGoesOn();
        theBadOneComesBack();
    }

    @Test
    void oneWithoutAFreeConnectionIsLeftAloneUntilThereIsOne() throws Exception {
        watch();
        var held = new ArrayList<Connection>();
        try {
            bad.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'watcher'");
            fill(held);
            try (var statement = held.get(0).createStatement()) {
                statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'watcher'");
            }
            fill(held);
            Waiting.until(() -> status("bad").errors().values().stream().anyMatch(why -> why.contains("connection")));
            theGoodOneGoesOn();
        } finally {
            for (var one : held) {
                one.close();
            }
        }
        theBadOneComesBack();
    }

    /** The last three are kept for superusers, of which one is left for the test itself. */
    private void fill(List<Connection> held) {
        try {
            while (held.size() < 9) {
                held.add(bad.superuser().dataSource(Duration.ofSeconds(5)).getConnection());
            }
        } catch (SQLException full) {
            assertTrue(held.size() > 5, full::getMessage);
        }
    }

    @Test
    void aStandbyIsReadAndGoesOnAfterItsPromotion() throws Exception {
        bad.restartAsStandby(17);
        watch();
        assertEquals("1", newest("is_in_recovery"));
        bad.execute("SELECT pg_promote()");
        Waiting.until(() -> newest("is_in_recovery").equals("0"));
        theGoodOneGoesOn();
        theBadOneComesBack();
    }

    /** The server decides the SQL: the checkpointer has a view of its own since 17, and pg_stat_io came in 16. */
    @ParameterizedTest
    @CsvSource({"17, 15", "15, 18", "16, 17"})
    void anotherVersionBehindTheSameAddressIsReadAsWhatItIs(int first, int then) throws Exception {
        if (first != 17) {
            bad.close();
            bad = prepared(PrivateServer.start(first, 0, 10));
        }
        watch();
        assertEquals(first, status("bad").version() / 10_000);
        int port = bad.port();
        bad.close();
        theGoodOneGoesOn();
        bad = prepared(PrivateServer.start(then, port, 10));
        Waiting.within(Duration.ofSeconds(60), () -> status("bad").version() / 10_000 == then);
        Waiting.until(() -> newest("version_num").startsWith(Integer.toString(then)));
        theOtherSqlIsTaken(then);
        theBadOneComesBack();
    }

    private void theOtherSqlIsTaken(int major) {
        long before = rows("bad", "pg_stat_bgwriter");
        long io = rows("bad", "pg_stat_io");
        Waiting.until(() -> rows("bad", "pg_stat_bgwriter") > before);
        if (major >= 16) {
            Waiting.within(Duration.ofSeconds(60), () -> rows("bad", "pg_stat_io") > io);
        } else {
            Waiting.until(() -> status("bad").unavailable().containsKey("pg_stat_io"));
        }
    }

    /** What was sent last of the bad one's {@code server}, which the good one is not. */
    private String newest(String column) {
        var all = SentRows.texts(server, "server", column, "bad");
        return all.get(all.size() - 1);
    }
}
