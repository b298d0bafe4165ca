package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An agent that watches a PostgreSQL, whatever happens to it and to its server, loses and doubles nothing. */
class AgentKillIT {
    private static final String SECRET = "a secret for agents";
    private static final String DOUBLES = """
            SELECT s.family, string_agg(quote_ident(s.name), ', ') AS keys
              FROM (SELECT f.family, unnest(f.column_names) AS name, unnest(f.column_roles) AS role
                      FROM family_schema f JOIN metric_family m USING (family) WHERE m.kind = 'samples') s
             WHERE s.role = 'key' AND to_regclass('metrics.' || s.family) IS NOT NULL
             GROUP BY s.family""";

    private Path data;
    private Path config;
    private Path state;
    private Map<String, String> environment;

    @Test
    void whateverIsKilledTheLedgerIsWholeAndNoRowIsDoubled() throws Exception {
        prepare();
        var server = serve();
        try {
            configure(server, true);
            var agent = collect();
            try {
                untilItMoves(server);

                agent.signal("KILL");
                agent.waitFor(Duration.ofSeconds(10));
                agent = collect();
                untilItMoves(server);

                agent.signal("STOP");
                pause(Duration.ofSeconds(12));
                agent.signal("CONT");
                untilItMoves(server);

                server.signal("KILL");
                server.waitFor(Duration.ofSeconds(10));
                pause(Duration.ofSeconds(15));
                server = serve();
                untilItMoves(server);
            } finally {
                agent.close();
            }
            sendTheRest(server);
            assertNothingIsLostOrDoubled(server);
        } finally {
            server.close();
        }
    }

    private void assertNothingIsLostOrDoubled(Program server) throws Exception {
        assertEquals(0, server.number("SELECT count(*) FROM loss"), "losses");
        assertEquals(0, server.number("SELECT count(*) FROM quarantine"), "quarantined");
        assertEquals(1, server.number("SELECT count(*) FROM ledger"), "one instance, one epoch");
        assertEquals(server.number("SELECT mark FROM ledger"), settled(), "the spool's mark is the ledger's");
        int families = 0;
        for (var query : doubles(server)) {
            assertEquals(0, server.number(query), query);
            families++;
        }
        assertTrue(families >= 4, "families looked at: " + families);
    }

    private static List<String> doubles(Program server) throws Exception {
        var queries = new ArrayList<String>();
        try (var connection = server.database();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(DOUBLES)) {
            while (rows.next()) {
                queries.add(
                        "SELECT count(*) FROM (SELECT 1 FROM metrics.%s GROUP BY time, target_id, %s HAVING count(*) > 1) d"
                                .formatted(rows.getString(1), rows.getString(2)));
            }
        }
        return queries;
    }

    /** An agent without targets sends what the one before left. */
    private void sendTheRest(Program server) throws Exception {
        configure(server, false);
        long newest = spool("SELECT max(sequence) FROM batch");
        try (var last = collect()) {
            Awaitility.await("the newest batch is settled")
                    .atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofSeconds(1))
                    .failFast(() -> !last.process().isAlive())
                    .until(() -> mark(server) == newest);
            pause(Duration.ofSeconds(2));
        }
    }

    private long spool(String query) throws Exception {
        try (var spool = DriverManager.getConnection("jdbc:sqlite:" + state.resolve("spool.db"));
                var statement = spool.createStatement();
                var found = statement.executeQuery(query)) {
            return found.getLong(1);
        }
    }

    private long settled() throws Exception {
        assertEquals(0, spool("SELECT count(*) FROM batch WHERE settled_at IS NULL"), "nothing waits in the spool");
        return spool("SELECT value FROM state WHERE key = 'settled'");
    }

    private static void untilItMoves(Program server) throws Exception {
        var start = mark(server);
        Awaitility.await("batches are settled")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> mark(server) >= start + 3);
    }

    private static long mark(Program server) throws Exception {
        return server.number("SELECT coalesce(max(mark), 0) FROM ledger");
    }

    private void prepare() throws IOException {
        data = Program.folder("agent");
        config = data.resolveSibling("collector.conf");
        state = data.resolveSibling("state");
        environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET", SECRET,
                "PGANALYTICS_TCP_PORT", freePort(),
                "PGANALYTICS_HTTP_PORT", freePort(),
                "PGANALYTICS_MANAGEMENT_PORT", freePort());
    }

    private void configure(Program server, boolean targets) throws IOException {
        var ports = server.ports();
        var database = URI.create(ports.getString("database_url"));
        var password = Files.readAllLines(Path.of(ports.getString("database_passfile")))
                .get(0)
                .split(":")[4];
        var target = """
                targets = [ { name = "self", host = "%s", port = %d, user = "%s", password = "%s", sslmode = disable,
                  database = "pganalytics", intervals = { pg_stat_database = 1s, pg_stat_activity = 1s, pg_locks = 1s,
                  pg_stat_user_tables = 2s, pg_stat_user_indexes = 2s, pg_stat_bgwriter = 1s } } ]
                """.formatted(database.getHost(), database.getPort(), database.getUserInfo(), password);
        Files.writeString(
                config, """
                name = "agent under test"
                state.dir = "%s"
                registration.secret = "%s"
                servers = [ { host = "127.0.0.1", tcp-port = %d, http-port = %d } ]
                link { retry-max = 2s }
                batch.flush-after = 200ms
                %s
                """.formatted(state, SECRET, server.port("tcp"), server.port("http"), targets ? target : ""));
    }

    private Program serve() throws IOException {
        return Program.start(data, environment, "serve").untilReady();
    }

    private Program collect() throws IOException {
        return Program.start(data, Map.of(), "collect", "--config", config.toString());
    }

    private static void pause(Duration time) {
        var end = System.nanoTime() + time.toNanos();
        Awaitility.await().atMost(time.plusSeconds(5)).until(() -> System.nanoTime() > end);
    }

    private static String freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return Integer.toString(socket.getLocalPort());
        }
    }
}
