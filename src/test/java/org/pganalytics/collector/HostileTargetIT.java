package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.database.PrivateServer;
import org.pganalytics.model.MetricFamily;

/** A target with 50,000 statements, 20,000 tables, a database of any name, and SQL that never ends or would write. */
class HostileTargetIT {
    private static final String PASSWORD = "watching-is-all-it-may-do";
    private static final String DATABASE = "we\"ird\nna'me; DROP TABLE x; --";
    private static final int STATEMENTS = 50_000;
    private static final int TABLES = 20_000;

    @TempDir
    Path directory;

    private static PrivateServer target;
    private static Vertx vertx;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        target = PrivateServer.start(17, 0, 20);
        target.execute(
                "ALTER SYSTEM SET pg_stat_statements.max = 60000",
                "ALTER SYSTEM SET fsync = off",
                "CREATE DATABASE " + Remedies.identifier(DATABASE),
                "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
                "CREATE ROLE watcher LOGIN PASSWORD '%s' IN ROLE pg_monitor".formatted(PASSWORD));
        target.restart();
        target.in(DATABASE).execute("""
                DO $$ BEGIN FOR n IN 1..%d LOOP
                  EXECUTE format('CREATE TABLE "t ''%%s" (id int)', n);
                  IF n %% 500 = 0 THEN COMMIT; END IF;
                END LOOP; END $$""".formatted(TABLES));
    }

    @AfterAll
    static void stop() {
        Waiting.on(vertx.close());
        target.close();
    }

    /** Each pair of columns is a statement of its own. */
    private static void runStatements() {
        target.execute(
                "CREATE TABLE wide (%s)".formatted(columns()), "SET pg_stat_statements.track = 'all'", """
                DO $$ BEGIN FOR n IN 0..%d LOOP
                  EXECUTE format('SELECT c%%s, c%%s FROM wide', n / 250, n %% 250);
                END LOOP; END $$""".formatted(
                                STATEMENTS - 1));
    }

    private static String columns() {
        var columns = new StringBuilder("c0 int");
        for (int number = 1; number < 250; number++) {
            columns.append(", c").append(number).append(" int");
        }
        return columns.toString();
    }

    private static TargetConfig config(List<String> databases, Map<String, Duration> intervals) {
        return new TargetConfig(
                "hostile",
                "127.0.0.1",
                target.port(),
                "watcher",
                PASSWORD,
                "pganalytics",
                databases,
                TargetTlsConfig.NONE,
                2,
                Duration.ofSeconds(20),
                Duration.ofMillis(200),
                intervals,
                Set.of(),
                TargetSourcesConfig.POSTGRESQL);
    }

    private Agent agent(FakeServer server, TargetConfig config, List<MetricFamily> families) {
        return new Agent(
                new CollectorConfig(
                        "test",
                        directory.resolve("state"),
                        "a-registration-secret",
                        List.of(new ServerConfig("127.0.0.1", server.port(), 0, false, "", true)),
                        Duration.ofMinutes(5),
                        0,
                        List.of(config),
                        BatchConfig.defaults(),
                        SpoolConfig.defaults(),
                        LinkConfig.defaults()),
                families,
                new SimpleMeterRegistry(),
                "test");
    }

    private static List<MetricFamily> families(String... names) {
        return FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(family -> List.of(names).contains(family.name()))
                .toList();
    }

    @Test
    void allStatementsAreSentOnceAndThenThoseThatRan() {
        runStatements();
        try (var server = FakeServer.start(vertx)) {
            var every = Map.of("pg_stat_statements", Duration.ofSeconds(2));
            var agent = agent(
                    server,
                    config(List.of("pganalytics"), every),
                    families("pg_stat_statements", "pg_statement_text", "pg_stat_statements_info"));
            var deployed = Waiting.on(vertx.deployVerticle(agent));
            Waiting.within(Duration.ofSeconds(90), () -> texts(server) >= STATEMENTS);
            long first = statements(server);
            assertTrue(first >= STATEMENTS && first < STATEMENTS + 5_000, "sent at first: " + first);

            target.execute("SELECT c7, c8 FROM wide", "SELECT c7, c8, c9 FROM wide");
            Waiting.until(() -> SentRows.texts(server, "pg_statement_text", "query", "hostile")
                    .contains("SELECT c7, c8, c9 FROM wide"));
            assertTrue(statements(server) < first + 500, "only what ran: " + (statements(server) - first));

            long before = statements(server);
            target.execute("SELECT pg_stat_statements_reset()", "SELECT c7, c8 FROM wide");
            Waiting.until(() -> statements(server) > before);
            Waiting.until(() ->
                    new HashSet<>(SentRows.texts(server, "pg_stat_statements_info", "stats_reset", "hostile")).size()
                            > 1);
            assertEquals(Map.of(), errors(agent));
            Waiting.on(vertx.undeploy(deployed));
        }
    }

    private static Map<String, String> errors(Agent agent) {
        return agent.status().targets().stream()
                .findFirst()
                .map(TargetStatus::errors)
                .orElse(Map.of());
    }

    private static long statements(FakeServer server) {
        return SentRows.byFamily(server, "hostile").getOrDefault("pg_stat_statements", 0L);
    }

    private static long texts(FakeServer server) {
        return SentRows.byFamily(server, "hostile").getOrDefault("pg_statement_text", 0L);
    }

    @Test
    void aDatabaseOfAnyNameAndItsTablesAreFoundAndSoIsOneMadeLater() {
        try (var server = FakeServer.start(vertx)) {
            var every = Map.of("pg_stat_user_tables", Duration.ofSeconds(2));
            var agent = agent(server, config(List.of(), every), families("pg_stat_user_tables"));
            var deployed = Waiting.on(vertx.deployVerticle(agent));
            Waiting.within(Duration.ofSeconds(90), () -> tables(server, DATABASE) >= TABLES);
            assertTrue(SentRows.texts(server, "pg_stat_user_tables", "relname", "hostile")
                    .contains("t '" + TABLES));

            target.execute("CREATE DATABASE later");
            target.in("later").execute("CREATE TABLE new_one (id int)");
            Waiting.within(Duration.ofSeconds(60), () -> tables(server, "later") == 1);
            target.execute("DROP DATABASE later WITH (FORCE)");
            target.in(DATABASE).execute("INSERT INTO \"t '1\" VALUES (1)");
            long before = tables(server, DATABASE);
            Waiting.within(Duration.ofSeconds(60), () -> tables(server, DATABASE) > before);
            assertEquals(Map.of(), errors(agent));
            Waiting.on(vertx.undeploy(deployed));
        }
    }

    private static long tables(FakeServer server, String database) {
        return SentRows.texts(server, "pg_stat_user_tables", "datname", "hostile").stream()
                .filter(database::equals)
                .count();
    }

    @Test
    void aStatementWithoutEndEndsAndTheOtherFamiliesGoOn() throws Exception {
        var endless = family("select count(*) as n from generate_series(1, 1000000000000000)");
        var usual = families("server").get(0);
        var slow = new TargetConfig(
                "hostile",
                "127.0.0.1",
                target.port(),
                "watcher",
                PASSWORD,
                "pganalytics",
                List.of(),
                TargetTlsConfig.NONE,
                1,
                Duration.ofMillis(500),
                Duration.ofMillis(200),
                Map.of("server", Duration.ofSeconds(1), "endless", Duration.ofSeconds(1)),
                Set.of(),
                TargetSourcesConfig.POSTGRESQL);
        try (var server = FakeServer.start(vertx)) {
            var agent = agent(server, slow, List.of(endless, usual));
            var deployed = Waiting.on(vertx.deployVerticle(agent));
            Waiting.until(() -> errors(agent).containsKey("endless"));
            Waiting.until(() -> SentRows.byFamily(server, "hostile").getOrDefault("server", 0L) > 3);
            assertTrue(errors(agent).get("endless").contains("statement timeout"));
            Waiting.on(vertx.undeploy(deployed));
        }
    }

    private MetricFamily family(String sql) throws Exception {
        var folder = Files.createTempDirectory(directory, "families");
        Files.writeString(folder.resolve("endless.conf"), """
                family = endless, title = "none", columns = [ { name = n, type = int8, role = gauge } ]
                sql = [ { from = 14, sql = \"""%s\""" } ]
                """.formatted(sql));
        return FamilyFiles.load(folder).get(0);
    }

    /** As a superuser, who may do everything else. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into written values (1) returning id::int8 as n",
                "with gone as (delete from written returning id) select count(*) as n from gone",
                "select nextval('numbers') as n",
                "select lo_create(0)::int8 as n",
                "select set_config('transaction_read_only', 'off', true)::int8 as n",
                "select 1::int8 as n; delete from written",
                "create table another (id int)"
            })
    void aFamilyCannotWriteWhateverItsSqlSays(String sql) {
        target.execute(
                "CREATE TABLE IF NOT EXISTS written (id int)",
                "CREATE SEQUENCE IF NOT EXISTS numbers",
                "ALTER ROLE watcher SUPERUSER");
        target.execute("TRUNCATE written", "INSERT INTO written VALUES (7)");
        var config = config(List.of(), Map.of());
        var lanes = new ConnectionLanes(vertx, TargetOptions.reading(config), config, Duration.ofSeconds(5));
        try {
            // Even a session that was talked into writing by default does not write.
            var refused = Waiting.on(lanes.use(
                    "pganalytics",
                    session -> session.query(
                                    "select set_config('default_transaction_read_only', 'off', false)", Tuple.tuple())
                            .compose(bent -> session.read(sql, Tuple.tuple(), rows -> {}))
                            .map("written")
                            .otherwise(Throwable::getMessage)));
            assertTrue(
                    refused.contains("read-only")
                            || refused.contains("multiple commands")
                            || refused.contains("read-write"),
                    refused);
            assertEquals(7, target.number("SELECT sum(id) FROM written"));
        } finally {
            Waiting.on(lanes.close());
            target.execute("ALTER ROLE watcher NOSUPERUSER");
        }
    }
}
