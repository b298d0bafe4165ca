package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.config.CollectorConfigFile;

/** What {@code collect --check} finds on the way to servers. */
class ServerCheckIT {
    @TempDir
    Path folder;

    static JsonObject finding(String told, String of, String subject) {
        return new JsonObject(told)
                .getJsonArray(of).getJsonObject(0).getJsonArray("findings").stream()
                        .map(JsonObject.class::cast)
                        .filter(one -> one.getString("subject").equals(subject))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(subject + " is not in " + told));
    }

    private static final String TOKEN = """
            { "collector_id": "7b7b9a0e-0000-4000-8000-000000000001", "token": "%s", "refresh_secret": "never-told",
              "obtained_at_ms": %d, "lifetime_ms": %d }
            """;

    private String checkServers(String config) {
        var out = new StringWriter();
        var all = CollectorConfigFile.of(
                "state.dir = \"%s\", link.connect-timeout = 2s, %s".formatted(folder.resolve("state"), config));
        new CollectCheck(all, List.of()).run(new PrintWriter(out), true);
        return out.toString();
    }

    private void token(String token, long lifetimeMillis) throws Exception {
        Files.createDirectories(folder.resolve("state"));
        Files.writeString(
                folder.resolve("state/token.json"), TOKEN.formatted(token, System.currentTimeMillis(), lifetimeMillis));
    }

    @Test
    void theWayToAServerIsTriedAndNothingIsTakenThere() throws Exception {
        var seen = new CopyOnWriteArrayList<String>();
        try (var door = FakeDoor.open(seen)) {
            var secret = door.servers() + ", registration.secret = a-registration-secret";
            var fresh = checkServers(secret);
            for (var subject : List.of("registration", "tcp", "http")) {
                assertEquals("ok", finding(fresh, "servers", subject).getString("level"), fresh);
            }
            assertFalse(Files.exists(folder.resolve("state")), "a check leaves nothing behind");
            var without = finding(checkServers(door.servers()), "servers", "registration");
            assertEquals("problem", without.getString("level"));
            assertTrue(without.getString("remedy").contains("collector secret add"), without::encode);

            token("good", 3_600_000);
            assertTrue(finding(checkServers(door.servers()), "servers", "http")
                    .getString("message")
                    .contains("the token holds"));
            token("bad", 3_600_000);
            assertEquals(
                    "problem",
                    finding(checkServers(door.servers()), "servers", "http").getString("level"));
            assertEquals(
                    "warning", finding(checkServers(secret), "servers", "http").getString("level"));
            token("good", 1);
            assertTrue(finding(checkServers(secret), "servers", "registration")
                    .getString("message")
                    .contains("renewed"));
            var tls = finding(checkServers(door.servers().replace("host =", "tls = true, host =")), "servers", "http");
            assertTrue(tls.getString("remedy").contains("TLS"), tls::encode);
        }
        assertEquals(Set.of("GET /api/v1/collectors/self/config"), Set.copyOf(seen));
    }

    @Test
    void aServerThatIsNotThereOrNoneOfOursIsToldWithItsRemedy() throws Exception {
        try (var vertxDoor = FakeDoor.open(new ArrayList<>());
                var closed = new ServerSocket(0)) {
            int port = closed.getLocalPort();
            closed.close();
            var gone = checkServers(
                    "servers = [ { host = \"127.0.0.1\", tcp-port = %d, http-port = %d } ]".formatted(port, port));
            for (var way : List.of("tcp", "http")) {
                var found = finding(gone, "servers", way);
                assertEquals("problem", found.getString("level"));
                assertTrue(found.getString("remedy").contains("start the server, mend host and " + way), gone);
            }
            var other = vertxDoor
                    .vertx()
                    .createHttpServer()
                    .requestHandler(request -> request.response().end("hello"))
                    .listen(0, "127.0.0.1")
                    .await();
            var found = finding(
                    checkServers("servers = [ { host = \"127.0.0.1\", tcp-port = 0, http-port = %d } ]"
                            .formatted(other.actualPort())),
                    "servers",
                    "http");
            assertTrue(found.getString("remedy").contains("balancer"), found::encode);
        }
    }
}
