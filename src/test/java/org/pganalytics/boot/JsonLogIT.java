package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** With {@code log.format = json} both programs log a JSON object a line, and nothing else, from the first line on. */
class JsonLogIT {
    private static final String SECRET = "a secret nobody may read";
    private static final Set<String> FIELDS = Set.of("time", "level", "logger", "thread", "message");

    /** A variable that looks like a setting and sets nothing: the warning of it is the first line. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "PGANALYTICS_REGISTRATION_SECRET", SECRET, "PGANALYTICS_LOG_FORMAT", "json", "PGANALYTICS_NOT_A_KEY", "1");

    @Test
    void theServerDoes() throws Exception {
        var data = Program.folder("json-log");
        try (var server = Program.start(data, ENVIRONMENT, "serve").untilReady()) {
            server.signal("HUP");
            await(server, "reload");
            server.signal("TERM");
            server.waitFor(Duration.ofSeconds(60));
            assertJson(server);
        }
    }

    @Test
    void theAgentDoes() throws Exception {
        var data = Program.folder("json-log-agent");
        var config = data.resolveSibling("collector.conf");
        Files.writeString(config, """
                state.dir = "%s"
                servers = [{ host = "127.0.0.1", tcp-port = %d, http-port = 0 }]
                targets = [{ name = "away", host = "127.0.0.1", port = %d, user = "x", password = "%s", database = "x" }]
                """.formatted(data.resolveSibling("agent"), closedPort(), closedPort(), SECRET));
        try (var agent = Program.start(data, ENVIRONMENT, "collect", "-c", config.toString())) {
            await(agent, "away");
            agent.signal("TERM");
            agent.waitFor(Duration.ofSeconds(60));
            assertJson(agent);
        }
    }

    private static void await(Program program, String word) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> program.output().contains(word));
    }

    /** The admin token and the first admin's code are told on standard output, which is no log. */
    private static void assertJson(Program program) throws IOException {
        List<String> lines = program.output()
                .lines()
                .filter(line -> !line.startsWith("admin token of the API"))
                .filter(line -> !line.startsWith("code of the first admin"))
                .toList();
        assertTrue(lines.get(0).contains("PGANALYTICS_NOT_A_KEY"), lines.get(0));
        for (var line : lines) {
            assertTrue(line.startsWith("{"), line);
            var event = new JsonObject(line);
            Instant.parse(event.getString("time"));
            event.remove("exception");
            assertEquals(FIELDS, event.fieldNames());
            assertFalse(line.contains(SECRET));
        }
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
