package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the API refuses of profiles, and what it shows; roll-outs are PulledConfigIT's. */
class ProfileApiIT {
    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whatIsWrongIsRefusedByNameAndAssignedToNobody() throws Exception {
        var bad = server.client.ask(
                "addProfileVersion",
                new JsonObject().put("document", "intervals { %s = 0s }, batch.rows-maximum = 5".formatted("pg_locks")),
                "profile",
                "wrong");
        assertEquals(400, bad.status());
        assertTrue(bad.detail().contains("pg_locks" + " = 0s; allowed is 1s to 1d for each family"), bad.detail());
        assertTrue(bad.detail().contains("batch.rows-maximum: found an unknown key"), bad.detail());
    }

    @Test
    void whatIsHugeOrNotThereIsRefused() throws Exception {
        assertEquals(
                413,
                server.client
                        .ask(
                                "addProfileVersion",
                                new JsonObject().put("document", "#" + "x".repeat(10 << 20)),
                                "profile",
                                "wrong")
                        .status());
        assertEquals(
                404,
                server.client
                        .ask("assignProfile", new JsonObject().put("version", 1), "profile", "wrong")
                        .status());
        assertEquals(
                404,
                server.client
                        .ask("listProfileVersions", null, "profile", "wrong")
                        .status());
        assertEquals(
                400,
                server.client
                        .ask(
                                "assignProfile",
                                new JsonObject().put("version", 1).put("selector", "a"),
                                "profile",
                                "wrong")
                        .status());
        assertEquals(
                404,
                server.client
                        .ask("showLabels", null, "collector", UUID.randomUUID().toString())
                        .status());
    }

    @Test
    void whatWasAddedIsShown() throws Exception {
        var added = server.client.ask(
                "addProfileVersion", new JsonObject().put("document", "cpu-budget = 0.2"), "profile", "right");
        assertEquals(201, added.status(), added::text);
        assertEquals(
                "cpu-budget = 0.2",
                server.client
                        .ok("showProfileVersion", "profile", "right", "version", "1")
                        .getString("document"));
        assertTrue(server.client.ok("listProfiles").encode().contains("\"right\""));
        assertTrue(server.client
                .ok("listProfileVersions", "profile", "right")
                .encode()
                .contains("right@1-"));
        assertTrue(server.client.ok("listAssignments").containsKey("assignments"));
    }
}
