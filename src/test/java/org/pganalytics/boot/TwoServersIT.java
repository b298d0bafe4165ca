package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.Frame;

/** Two servers on one database are one server to a collector, whichever of them it reaches. */
class TwoServersIT {
    private static final String SECRET = "a secret for two servers";
    private static final Map<String, String> ENVIRONMENT = Map.of("PGANALYTICS_REGISTRATION_SECRET", SECRET);

    private static final String OURS = " WHERE name = 'two servers'";
    private static final String ROWS = "pganalytics_ingest_rows_total";

    private static Path firstData;
    private static Program first;
    private static Program second;

    @BeforeAll
    static void start() throws Exception {
        firstData = Program.folder("two-a");
        first = Program.start(firstData, ENVIRONMENT, "serve").untilReady();
        var ports = first.ports();
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET", SECRET,
                "PGANALYTICS_DATABASE_URL", ports.getString("database_url"),
                "PGANALYTICS_DATABASE_PASSFILE", ports.getString("database_passfile"));
        second = Program.start(Program.folder("two-b"), environment, "serve").untilReady();
    }

    @AfterAll
    static void stop() throws Exception {
        for (var server : new Program[] {second, first}) {
            if (server != null) {
                server.close();
            }
        }
    }

    @Test
    void batchesSentToBothInTurnAreStoredOnce() throws Exception {
        var collector = HandCollector.register(first, SECRET, "in turn");
        collector.open(first);
        int last = 40;
        for (int sequence = 1; sequence <= last; sequence++) {
            var server = sequence % 2 == 0 ? first : second;
            var answer =
                    sequence % 3 == 0 ? collector.pushJson(server, sequence) : collector.pushNative(server, sequence);
            assertEquals(200, answer.status(), answer::toString);
            assertEquals("stored", answer.body().getString("outcome"));
        }
        for (int sequence : List.of(last, 1, 27, 40)) {
            var answer =
                    sequence % 3 == 0 ? collector.pushJson(second, sequence) : collector.pushNative(second, sequence);
            assertEquals(200, answer.status(), answer::toString);
            assertTrue(answer.body().getString("outcome").startsWith("duplicate"), answer::toString);
        }

        assertEquals(last, collector.open(second));
        try (var connection = first.database();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(HandCollector.contents("in turn"))) {
            rows.next();
            long count = (long) last * HandCollector.ROWS;
            assertEquals(count, rows.getLong(1), "rows");
            assertEquals(count, rows.getLong(2), "different rows");
            assertEquals(
                    LongStream.range(HandCollector.ROWS, (last + 1L) * HandCollector.ROWS)
                            .sum(),
                    rows.getLong(3));
        }
    }

    @Test
    void aGapIsToldByTheNumberThatIsExpected() throws Exception {
        var collector = HandCollector.register(first, SECRET, "gap");
        collector.open(first);
        assertEquals(200, collector.pushNative(first, 1).status());

        for (var answer : List.of(collector.pushNative(second, 3), collector.pushJson(first, 4))) {
            assertEquals(409, answer.status(), answer::toString);
            assertEquals("2", answer.body().getString("expected"), answer::toString);
        }
        assertEquals(200, collector.pushNative(second, 2).status());
    }

    @Test
    void aRevokedCollectorIsRefusedByTheOtherServerAtOnce() throws Exception {
        var collector = HandCollector.register(first, SECRET, "revoked");
        try (var live = HandSession.open(second, collector)) {
            revoke(collector);
            long revokedNanos = System.nanoTime();

            Awaitility.await("the other server refuses")
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> collector.pushNative(second, 1).status() == 403);
            var last = live.read();
            assertEquals(Fault.REVOKED, ((Frame.GoAway) last).fault(), last::toString);
            assertTrue(live.isEnded(), "the session is closed");
            assertTrue(System.nanoTime() - revokedNanos < Duration.ofSeconds(5).toNanos(), "within 5 s");
        }
        assertEquals(403, collector.pushNative(first, 1).status());
    }

    @Test
    void aLimitThatIsSetHoldsAtTheOtherServerToo() throws Exception {
        var collector = HandCollector.register(first, SECRET, "limited");
        collector.open(second);
        assertEquals(200, collector.pushNative(second, 1).status());

        limit(collector, "1");
        var sequence = new AtomicInteger(1);
        Awaitility.await("the other server refuses")
                .atMost(Duration.ofSeconds(5))
                .until(() ->
                        collector.pushNative(second, sequence.incrementAndGet()).status() == 429);

        limit(collector, "NULL");
        Awaitility.await("the other server takes it again")
                .atMost(Duration.ofSeconds(5))
                .until(() -> collector.pushNative(second, sequence.get()).status() == 200);
    }

    private static void limit(HandCollector collector, String rows) throws Exception {
        var update = "UPDATE collector SET rows_per_second = %1$s, burst_rows = %1$s WHERE collector_id = '%2$s'"
                + " RETURNING 1";
        assertEquals(1, first.number(update.formatted(rows, collector.id)));
    }

    @Test
    void aFleetThatIsMovedBetweenThemLosesAndDoublesNothing() throws Exception {
        try (var balancer = new Balancer(first.port("tcp"));
                var load = load(balancer.port())) {
            Awaitility.await("rows flow")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> first.metric("pganalytics_ingest_rows_total") > 1_000);
            int moved = 0;
            for (int move = 0; move < 6 && load.process().isAlive(); move++) {
                moved += balancer.moveTo((move % 2 == 0 ? second : first).port("tcp"));
                load.process().waitFor(2, TimeUnit.SECONDS);
            }
            int code = load.waitFor(Duration.ofSeconds(120));
            var report = load.json();
            assertEquals(0, code, report::encode);
            assertEquals(0, report.getLong("rows_missing"), report::encode);
            assertEquals(0, report.getLong("rows_duplicated"), report::encode);
            assertEquals(0, report.getLong("lost"), report::encode);
            assertTrue(moved > 20, "connections moved: " + moved);
            assertTrue(second.metric("pganalytics_ingest_rows_total") > 1_000, "both had their part");
        }
    }

    /** The first of its servers is killed and comes back, on the port it had. */
    @Test
    void anAgentTakesTheNextServerAndComesBackToTheFirst() throws Exception {
        var ports = first.ports();
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET", SECRET,
                "PGANALYTICS_DATABASE_URL", ports.getString("database_url"),
                "PGANALYTICS_DATABASE_PASSFILE", ports.getString("database_passfile"),
                "PGANALYTICS_TCP_PORT", freePort());
        var data = Program.folder("two-c");
        var preferred = Program.start(data, environment, "serve").untilReady();
        try (var agent = Program.start(
                data, Map.of(), "collect", "--config", agent(data, preferred).toString())) {
            until("it sends to the first", () -> preferred.metric(ROWS) > 0);
            preferred.signal("KILL");
            preferred.waitFor(Duration.ofSeconds(10));
            long before = mark();
            until("it sends to the next", () -> mark() > before + 2);
            try (var again = Program.start(data, environment, "serve").untilReady()) {
                until("it is back at the first", () -> again.metric(ROWS) > 0);
            }
            assertTrue(agent.process().isAlive());
        }
        assertEquals(1, ours("ledger"), "one instance");
        assertEquals(0, ours("loss"));
        assertEquals(
                0,
                first.number("SELECT count(*) FROM (SELECT 1 FROM metrics.server GROUP BY time, target_id"
                        + " HAVING count(*) > 1) twice"));
    }

    /** Watches the database of the servers itself. */
    private static Path agent(Path data, Program preferred) throws Exception {
        var database = URI.create(first.ports().getString("database_url"));
        return Files.writeString(data.resolveSibling("collector.conf"), """
                name = "two servers", state.dir = "%s", registration.secret = "%s", prefer-first-after = 2s, cpu-budget = 0
                servers = [ { host = "127.0.0.1", tcp-port = %d, http-port = 0 }
                            { host = "127.0.0.1", tcp-port = %d, http-port = 0 } ]
                link { retry-first = 100ms, retry-max = 1s }, batch.flush-after = 200ms
                targets = [ { name = self, host = "127.0.0.1", port = %d, user = %s, passfile = "%s", sslmode = disable
                              database = pganalytics, databases = [ pganalytics ], intervals { server = 1s } } ]
                """.formatted(
                        data.resolveSibling("state"),
                        SECRET,
                        preferred.port("tcp"),
                        first.port("tcp"),
                        database.getPort(),
                        database.getUserInfo(),
                        first.ports().getString("database_passfile")));
    }

    private static long ours(String table) throws Exception {
        return first.number("SELECT count(*) FROM %s JOIN collector USING (collector_id)".formatted(table) + OURS);
    }

    private static long mark() throws Exception {
        return first.number("SELECT coalesce(max(mark), 0) FROM ledger JOIN collector USING (collector_id)" + OURS);
    }

    private static void until(String what, Callable<Boolean> isSo) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(300))
                .until(isSo);
    }

    private static String freePort() throws Exception {
        try (var socket = new ServerSocket(0)) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    private static Program load(int port) throws Exception {
        return Program.start(
                firstData,
                Map.of(),
                "load",
                "--server=127.0.0.1:" + port,
                "--registration-secret=" + SECRET,
                "--collectors=10",
                "--targets=1",
                "--interval=1",
                "--duration=15",
                "--mode=tcp",
                "--json",
                "--verify");
    }

    private static void revoke(HandCollector collector) throws Exception {
        var environment = Map.of(
                "PGANALYTICS_DATABASE_URL", first.ports().getString("database_url"),
                "PGANALYTICS_DATABASE_PASSFILE", first.ports().getString("database_passfile"));
        try (var revoke = Program.start(
                Program.folder("two-cli"), environment, "collector", "revoke", "--json", collector.id.toString())) {
            assertEquals(0, revoke.waitFor(Duration.ofSeconds(60)));
        }
    }
}
