package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.tls.NewAuthority;

/** The commands beside a running server, as a person or a script uses them. */
class CommandLineIT {
    private static final String SECRET = "a secret for commands";
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private static Path data;
    private static Path config;
    private static Program server;

    @BeforeAll
    static void start() throws Exception {
        data = Program.folder("commands");
        config = data.resolveSibling("server.conf");
        configure("");
        authority("first");
        var environment = Map.of(
                "PGANALYTICS_TLS_CA_CERTIFICATE",
                data.resolveSibling("ca.crt").toString(),
                "PGANALYTICS_TLS_CA_KEY",
                data.resolveSibling("ca.key").toString(),
                "PGANALYTICS_TLS_RELOAD_EVERY",
                "1d",
                // What is noted in bulk comes too late for any test here.
                "PGANALYTICS_FLEET_LAST_SEEN_EVERY",
                "10m");
        server = Program.start(data, environment, "serve", "-c", config.toString())
                .untilReady();
    }

    private static void authority(String name) throws Exception {
        var certificate = data.resolveSibling("ca.crt");
        var key = data.resolveSibling("ca.key");
        Files.deleteIfExists(certificate);
        Files.deleteIfExists(key);
        NewAuthority.write(certificate, key, name, Duration.ofDays(1), Clock.systemUTC());
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void aCollectorIsRegisteredListedAndRevoked() throws Exception {
        var identity = new JsonObject(run(
                data,
                "collector",
                "register",
                "--json",
                "--name=by hand",
                "--registration-secret=" + SECRET,
                "--server=http://127.0.0.1:" + server.port("http")));
        assertFalse(identity.getString("token").isEmpty());
        var id = identity.getString("collector_id");

        var listed = find(new JsonArray(run(data, "collector", "list", "--json")), id);
        assertEquals("by hand", listed.getString("name"));
        assertEquals(null, listed.getValue("revoked_at"));

        var revoked = new JsonObject(run(data, "collector", "revoke", "--json", "--reason=test", id));
        assertEquals(id, revoked.getString("collector_id"));

        var after = find(new JsonArray(run(data, "collector", "list", "--json")), id);
        assertFalse(after.getString("revoked_at").isEmpty());
        assertTrue(run(data, "collector", "list").contains(id));
    }

    @Test
    void aFirstBatchIsListedAtOnceInItsColumn() throws Exception {
        var collector = HandCollector.register(server, SECRET, "a name that is longer than the others");
        collector.open(server);
        assertEquals("none yet", lastBatch(collector.id));

        assertEquals(200, collector.pushNative(server, 1).status());

        var told = lastBatch(collector.id);
        var since = Duration.between(Instant.parse(told), Instant.now());
        assertTrue(since.compareTo(LIMIT) < 0, told);
    }

    /** What stands below that word. */
    private static String lastBatch(UUID collector) throws Exception {
        var lines = run(data, "collector", "list").lines().toList();
        int column = lines.get(0).indexOf("last batch");
        return lines.stream()
                .filter(line -> line.startsWith(collector.toString()))
                .map(line -> line.substring(column).split(" {2,}")[0])
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theSecondMigrationHasNothingToDo() throws Exception {
        var fresh = Program.folder("migrate");

        var first = new JsonObject(run(fresh, "migrate", "--json"));
        var second = new JsonObject(run(fresh, "migrate", "--json"));

        assertFalse(first.getJsonArray("applied").isEmpty(), first::encode);
        assertEquals(new JsonArray(), second.getJsonArray("applied"));
        assertEquals(first.getString("now"), second.getString("before"));
        assertEquals(first.getString("now"), second.getString("now"));
    }

    @Test
    void aMigrationBesideAServerUsesItsDatabaseAndLeavesItRunning() throws Exception {
        var migrated = new JsonObject(run(data, "migrate", "--json"));

        assertEquals(new JsonArray(), migrated.getJsonArray("applied"));
        assertTrue(migrated.getString("tier").contains("embedded"), migrated::encode);
        assertEquals(200, server.status("/health/ready"));
        assertEquals(
                0,
                server.number(
                        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = 'postgres'"));
    }

    @Test
    void aChangedLimitIsAppliedAndABrokenFileChangesNothing() throws Exception {
        var collector = HandCollector.register(server, SECRET, "limited");
        collector.open(server);
        for (int sequence = 1; sequence <= 5; sequence++) {
            assertEquals(200, collector.pushNative(server, sequence).status());
        }

        configure("admission.collector { rows-per-second = 1, burst-rows = 1 }\nstorage.lanes = 3");
        reloadUntilTold("reload: done");
        assertTold("reload: applied admission.collector.rows-per-second: 100000 -> 1");
        assertTold("reload: needs a restart: storage.lanes: 2 -> 3");
        assertEquals(200, collector.pushNative(server, 6).status(), "the burst of one row lets one batch in");
        var limited = collector.pushNative(server, 7);
        assertEquals(429, limited.status(), limited::toString);

        Files.writeString(config, "storage.lanes = none\nadmission.collector.rows-per-second = 100000\n");
        authority("second");
        reloadUntilTold("reload: nothing was changed");
        Awaitility.await("certificates are read again all the same")
                .atMost(Duration.ofSeconds(10))
                .until(() -> server.output().contains("ca: a new certificate is in use"));
        assertTold(config + ":1: storage.lanes: found \"none\"");
        assertEquals(429, collector.pushNative(server, 7).status(), "the limit still holds");

        configure("");
        reloadUntilTold("reload: applied admission.collector.rows-per-second: 1 -> 100000");
        Awaitility.await("the batch is taken")
                .atMost(Duration.ofSeconds(30))
                .until(() -> collector.pushNative(server, 7).status() == 200);
        assertEquals(200, server.status("/health/ready"));
    }

    private static void reloadUntilTold(String line) throws Exception {
        server.signal("HUP");
        Awaitility.await(line)
                .atMost(Duration.ofSeconds(20))
                .until(() -> server.output().contains(line));
    }

    private static void assertTold(String line) throws Exception {
        assertTrue(server.output().contains(line), server.output());
    }

    private static void configure(String more) throws Exception {
        Files.writeString(config, "registration.secret = \"%s\"\n%s\n".formatted(SECRET, more));
    }

    private static JsonObject find(JsonArray collectors, String id) {
        return collectors.stream()
                .map(JsonObject.class::cast)
                .filter(entry -> entry.getString("collector_id").equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** What the command said on standard output; it must succeed. */
    private static String run(Path folder, String... arguments) throws Exception {
        try (var command = Program.start(folder, Map.of(), arguments)) {
            assertEquals(0, command.waitFor(LIMIT), command.output());
            return command.output()
                    .lines()
                    .filter(line -> !line.matches("(\\d{4}-\\d\\d-\\d\\dT|\\d\\d:\\d\\d:\\d\\d).*"))
                    .reduce("", (above, line) -> above + line + "\n");
        }
    }
}
