package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.audit.chain.AuditKeyFile;

/** What compliance asks for, of things that people really did before. */
class ReportIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";

    @TempDir
    static Path folder;

    private static ApiServer server;
    private static ApiClient api;
    private static Browser olga;

    @BeforeAll
    static void happens() throws Exception {
        var keys = folder.resolve("audit.keys");
        AuditKeyFile.create(keys, new SecureRandom());
        server = ApiServer.start(Map.of("PGANALYTICS_AUDIT_KEY_FILE", keys.toString()));
        api = server.client;
        olga = added("olga", "operator");
        assertEquals(401, new Browser(api).signIn("olga", "not hers").status());
        added("gone", "viewer");
        changed("setRole", "olga", new JsonObject().put("role", "auditor"));
        changed("setDisabled", "gone", new JsonObject().put("disabled", true));
        var wish = new JsonObject()
                .put("name", "backup")
                .put("scopes", new JsonArray().add("metrics.read"))
                .put("ends_at", Instant.now().plusSeconds(3_600).toString());
        assertEquals(201, api.ask("createServiceToken", wish).status());
    }

    private static Browser added(String name, String role) throws Exception {
        var made = api.ask("addPerson", new JsonObject().put("name", name).put("role", role));
        return Browser.of(api, made.json().getString("code"), name, PASSWORD);
    }

    private static void changed(String operation, String person, JsonObject how) throws Exception {
        var answer = api.ask(operation, how, "person", person);
        assertEquals(200, answer.status(), answer::text);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<JsonObject> rows(String report, String... more) throws Exception {
        var parameters = new ArrayList<>(List.of("report", report));
        parameters.addAll(List.of(more));
        return api.ok("showReport", parameters.toArray(String[]::new)).getJsonArray("rows").stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    private static List<String> told(List<JsonObject> rows) {
        return rows.stream()
                .map(row -> "%s %s %s"
                        .formatted(row.getString("action"), row.getString("target"), row.getString("outcome")))
                .toList();
    }

    @Test
    void signInsAreThereWithTheirFailures() throws Exception {
        var told = told(rows("sign-ins"));
        assertTrue(told.contains("person.redeem-code person:olga ok"), told::toString);
        assertTrue(told.contains("person.sign-in person:olga ok"), told::toString);
        assertTrue(told.contains("person.sign-in person:olga UNAUTHENTICATED"), told::toString);
    }

    @Test
    void privilegesThatChangedAreThereWithWhoChangedThem() throws Exception {
        var rows = rows("privilege-changes");
        var told = told(rows);
        assertTrue(told.contains("person.add person:olga ok"), told::toString);
        assertTrue(told.contains("person.set-role person:olga ok"), told::toString);
        assertTrue(told.contains("person.disable person:gone ok"), told::toString);
        assertTrue(told.stream().anyMatch(line -> line.startsWith("api-token.create ")), told::toString);
        for (var row : rows) {
            assertFalse(row.getString("actor").isEmpty(), row::encode);
        }
    }

    @Test
    void anEventIsShownWithItsPlaceInTheChainOnceItIsSealed() {
        Awaitility.await("all are sealed")
                .until(() -> rows("privilege-changes").stream().allMatch(row -> row.getLong("position") != null));
    }

    @Test
    void accessIsThatOfNow() throws Exception {
        var who = rows("access-review").stream()
                .collect(Collectors.toMap(row -> row.getString("kind") + " " + row.getString("name"), row -> row));
        assertEquals(
                "audit.read fleet.read people.read self tokens.read",
                who.get("person olga").getString("may"));
        assertEquals("", who.get("person gone").getString("may"), "whoever is shut out may nothing");
        assertEquals("metrics.read", who.get("api-token backup").getString("may"));
        assertTrue(who.keySet().stream().anyMatch(name -> name.startsWith("admin-token ")), who::toString);
    }

    @Test
    void retentionNamesTheOldestEventAndTheChainsBegin() throws Exception {
        var rows = rows("retention");
        assertEquals("oldest event; 400 days are kept", rows.get(0).getString("what"));
        assertTrue(Instant.parse(rows.get(0).getString("time")).isBefore(Instant.now()));
        Awaitility.await("the chain has begun")
                .until(() -> rows("retention").stream()
                        .anyMatch(row -> row.getString("what").equals("begin") && row.getString("signature") != null));
    }

    @Test
    void ofAPeriodThatIsOverNothingIsTold() throws Exception {
        assertEquals(List.of(), rows("sign-ins", "from", "2001-01-01T00:00:00Z", "to", "2001-02-01T00:00:00Z"));
        var wrong = api.ask("showReport", null, "report", "sign-ins", "from", "2999-01-01T00:00:00Z");
        assertEquals(400, wrong.status());
        assertTrue(wrong.detail().startsWith("'from' must be before 'to'"), wrong::text);
        assertEquals(400, api.ask("showReport", null, "report", "everything").status());
    }

    @Test
    void asCsvItHasALineARowAndIsAuditedItself() throws Exception {
        var csv = olga.send("showReport", null, "report", "privilege-changes", "format", "csv");
        assertEquals(200, csv.status());
        var lines = csv.text().split("\r\n");
        assertEquals("id,time,actor,action,target,outcome,address,details,position", lines[0]);
        assertEquals(rows("privilege-changes").size(), lines.length - 1);
        assertEquals(
                lines.length - 1,
                server.database.number(
                        "SELECT (details ->> 'rows')::int FROM audit_event WHERE action = 'report.read' AND"
                                + " actor = 'person:olga' AND target = 'report:privilege-changes' ORDER BY id DESC"));
    }

    @Test
    void allThatIsKeptOfAPersonIsHandedOutWithoutSecrets() throws Exception {
        var kept = api.ok("exportPerson", "person", "olga");
        assertEquals("olga", kept.getJsonObject("person").getString("name"));
        assertEquals(1, kept.getJsonArray("sessions").size());
        var actions = kept.getJsonArray("events").stream()
                .map(event -> ((JsonObject) event).getString("action"))
                .collect(Collectors.toSet());
        assertTrue(actions.containsAll(List.of("person.add", "person.sign-in", "person.set-role")), actions::toString);
        assertFalse(kept.encode().contains("argon2"), "no hash of a password");
        assertEquals(404, api.ask("exportPerson", null, "person", "nobody").status());
        assertEquals(
                1,
                server.database.number("SELECT count(*) FROM audit_event WHERE action = 'person.export'"
                        + " AND target = 'person:olga' AND outcome = 'ok'"));
    }
}
