package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** People with a local account, from the printed code on, before a whole server. */
class SignInIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";
    private static final String OTHER = "walnut.harbour 9 quill";

    @TempDir
    private Path folder;

    private static ApiServer server;
    private static ApiClient api;
    private static String firstCode;
    private static Browser admin;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of("PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS", "100000"));
        api = server.client;
        firstCode = server.firstAdminCode();
        admin = Browser.of(api, firstCode, "root", PASSWORD);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String code(String name, String role) throws Exception {
        var added = admin.send("addPerson", new JsonObject().put("name", name).put("role", role));
        assertEquals(201, added.status(), added::text);
        return added.json().getString("code");
    }

    private static Browser person(String name, String role) throws Exception {
        return Browser.of(api, code(name, role), name, PASSWORD);
    }

    private static JsonObject passwords(String current, String next) {
        return new JsonObject().put("current", current).put("new", next);
    }

    @Test
    void theFirstCodeMakesOneAdminAndNoOther() throws Exception {
        assertEquals("admin", admin.send("showSession", null).json().getString("role"));
        assertEquals(
                401, new Browser(api).redeem(firstCode, "intruder", PASSWORD).status());
        var again = ApiServer.open(server.database, folder, Map.of());
        try {
            assertTrue(again.first().adminCode().isEmpty(), "there is somebody");
        } finally {
            ApiServer.close(again);
        }
    }

    @Test
    void theCookieIsHeldToThisHostAndNoScriptReadsIt() throws Exception {
        var answer = new Browser(api).signIn("root", PASSWORD);
        var cookie = answer.response().headers().firstValue("Set-Cookie").orElseThrow();
        assertTrue(cookie.matches("__Host-pganalytics=[A-Za-z0-9_-]{43}; Max-Age=\\d+; .*"), cookie);
        for (var attribute : List.of("Path=/", "Secure", "HTTPOnly", "SameSite=Lax")) {
            assertTrue(cookie.contains(attribute), cookie);
        }
        assertFalse(cookie.contains("Domain"), cookie);
        assertEquals(
                "no-store",
                answer.response().headers().firstValue("Cache-Control").orElseThrow());
    }

    @Test
    void aWrongNameAndAWrongPasswordAreRefusedAlike() throws Exception {
        person("alike", "viewer");
        var wrongPassword = new Browser(api).signIn("alike", OTHER);
        var wrongName = new Browser(api).signIn("nobody-at-all", OTHER);
        assertEquals(401, wrongPassword.status());
        assertEquals(wrongPassword.text(), wrongName.text());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoGuessesHasToWaitWhetherThereIsSuchANameOrNot(boolean there) throws Exception {
        var name = there ? "guessed" : "unheard-of";
        if (there) {
            person(name, "viewer");
        }
        var statuses = IntStream.range(0, 7)
                .mapToObj(guess -> {
                    try {
                        return new Browser(api).signIn(name, OTHER + guess).status();
                    } catch (Exception failed) {
                        throw new IllegalStateException(failed);
                    }
                })
                .toList();
        assertEquals(List.of(401, 401, 401, 401, 401), statuses.subList(0, 5));
        assertEquals(429, statuses.get(6), statuses::toString);
        var refused = new Browser(api).signIn(name, PASSWORD);
        assertEquals(429, refused.status(), "the right one has to wait, too");
        assertTrue(refused.response().headers().firstValue("Retry-After").isPresent());
        server.database.execute("UPDATE sign_in_failure_from SET last_at = last_at - interval '2 min' WHERE name = '%s'"
                .formatted(name));
        assertEquals(there ? 201 : 401, new Browser(api).signIn(name, PASSWORD).status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "short",
                "password1234",
                "qwertyuiop123",
                "picky-picky-picky",
                "aaaaaaaaaaaaaaaa",
                "MyS3cretPassw0rd"
            })
    void aWeakPasswordIsRefusedAndLeavesTheCode(String weak) throws Exception {
        var name = "picky-" + Integer.toHexString(weak.hashCode());
        var code = code(name, "viewer");
        var refused = new Browser(api).redeem(code, name, weak.replace("picky-picky", name));
        assertEquals(400, refused.status(), refused::text);
        assertFalse(refused.text().contains(weak), refused::text);
        assertEquals(204, new Browser(api).redeem(code, name, PASSWORD).status());
        assertEquals(401, new Browser(api).redeem(code, name, OTHER).status(), "once");
    }

    @Test
    void aCodeIsForWhomItWasMade() throws Exception {
        var code = code("owner", "viewer");
        assertEquals(401, new Browser(api).redeem(code, "root", OTHER).status());
        assertEquals(201, new Browser(api).signIn("root", PASSWORD).status(), "whose password is as before");
    }

    @Test
    void aPageOfAnotherSiteChangesNothing() throws Exception {
        var viewer = person("lured", "viewer");
        for (var shown : List.of("", "x", viewer.cookie())) {
            assertEquals(403, viewer.showing(shown, "signOut", null).status(), shown);
        }
        assertEquals(200, viewer.showing("", "showSession", null).status(), "reading takes the cookie alone");
        assertEquals(204, viewer.send("signOut", null).status());
        assertEquals(401, viewer.send("showSession", null).status());
    }

    @Test
    void anotherPasswordEndsTheOtherSessionsAndOneselfMayEndThem() throws Exception {
        var here = person("mover", "viewer");
        var there = new Browser(api);
        there.signIn("mover", PASSWORD);
        assertEquals(
                2,
                here.send("listOwnSessions", null)
                        .json()
                        .getJsonArray("sessions")
                        .size());
        assertEquals(
                403, here.send("changePassword", passwords(OTHER, PASSWORD)).status());
        assertEquals(
                400, here.send("changePassword", passwords(PASSWORD, "short")).status());
        assertEquals(
                204, here.send("changePassword", passwords(PASSWORD, OTHER)).status());
        assertEquals(200, here.send("showSession", null).status());
        assertEquals(401, there.send("showSession", null).status());
        assertEquals(401, there.signIn("mover", PASSWORD).status());
        assertEquals(201, there.signIn("mover", OTHER).status());
        var sessions = here.send("listOwnSessions", null).json().getJsonArray("sessions");
        var other = sessions.getJsonObject(1).getString("id");
        assertEquals("a test's browser", sessions.getJsonObject(1).getString("agent"));
        assertEquals(404, admin.send("endOwnSession", null, "session", other).status(), "it is not the admin's own");
        assertEquals(204, here.send("endOwnSession", null, "session", other).status());
        assertEquals(401, there.send("showSession", null).status());
    }

    @Test
    void eachSignInIsAnotherSessionAndEndsTheOneBefore() throws Exception {
        var browser = person("rotating", "viewer");
        var before = browser.at(api);
        assertEquals(201, browser.signIn("rotating", PASSWORD).status());
        assertNotEquals(before.cookie(), browser.cookie());
        assertEquals(401, before.send("showSession", null).status());
    }

    @Test
    void whatIsTakenAwayIsGoneAtOnceOnEveryServer() throws Exception {
        var second = ApiServer.open(server.database, folder, Map.of());
        try {
            var elsewhere = new ApiClient(second.ports().getInteger("http"), server.token);
            var operator = person("demoted", "operator").at(elsewhere);
            assertEquals(200, operator.send("listQuarantine", null).status());
            admin.send("setRole", new JsonObject().put("role", "viewer"), "person", "demoted");
            var refused = operator.send("listQuarantine", null);
            assertEquals(403, refused.status());
            assertTrue(refused.detail().contains("quarantine.read"), refused::detail);
            admin.send("setDisabled", new JsonObject().put("disabled", true), "person", "demoted");
            assertEquals(401, operator.send("showSession", null).status());
            assertEquals(401, new Browser(api).signIn("demoted", PASSWORD).status());
            admin.send("setDisabled", new JsonObject().put("disabled", false), "person", "demoted");
            assertEquals(401, operator.send("showSession", null).status(), "the session stays over");
            assertEquals(201, operator.signIn("demoted", PASSWORD).status());
            var code = admin.send("resetPassword", null, "person", "demoted")
                    .json()
                    .getString("code");
            assertEquals(401, operator.send("showSession", null).status());
            assertEquals(401, operator.signIn("demoted", PASSWORD).status());
            assertEquals(204, operator.redeem(code, "demoted", OTHER).status());
        } finally {
            ApiServer.close(second);
        }
    }

    @Test
    void aSessionEndsWhenItIsIdleOrOld() throws Exception {
        for (var over : List.of("seen_at = now() - interval '9 h'", "ends_at = now()")) {
            var browser = person("over-" + over.hashCode(), "viewer");
            assertEquals(200, browser.send("showSession", null).status());
            server.database.execute("UPDATE person_session SET " + over
                    + " WHERE person = (SELECT id FROM person WHERE name = 'over-%d')".formatted(over.hashCode()));
            assertEquals(401, browser.send("showSession", null).status(), over);
        }
    }

    private static String hex(String secret) {
        return HexFormat.of().formatHex(secret.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatCannotBeANameIsRefusedLikeAnyOther() throws Exception {
        for (var odd : List.of("\u0000", "a b", "ünder", "' OR 1=1 --")) {
            assertEquals(401, new Browser(api).signIn(odd, PASSWORD).status(), odd);
        }
    }

    @Test
    void oneWhoIsThereStaysSignedIn() throws Exception {
        var browser = person("present", "viewer");
        var age = "UPDATE person_session SET seen_at = seen_at - interval '5 h'"
                + " WHERE person = (SELECT id FROM person WHERE name = 'present')";
        for (int time = 0; time < 3; time++) {
            server.database.execute(age);
            assertEquals(200, browser.send("showSession", null).status(), "it was used 5 h ago");
        }
    }

    @Test
    void theAuditHasWhoDidWhatFromWhereAndNoSecretIsAnywhere() throws Exception {
        var browser = person("recorded", "viewer");
        new Browser(api).signIn("recorded", OTHER);
        var events = server.database.rows(
                "SELECT actor, action, outcome FROM audit_event WHERE target = 'person:recorded' ORDER BY id");
        assertEquals(
                List.of(
                        "[person:root, person.add, ok]",
                        "[person:recorded, person.redeem-code, ok]",
                        "[person:recorded, person.sign-in, ok]",
                        "[person:recorded, person.sign-in, UNAUTHENTICATED]"),
                events.stream().map(String::valueOf).toList());
        assertEquals(
                "[[127.0.0.1]]",
                server.database
                        .rows("SELECT DISTINCT address FROM audit_event WHERE action = 'person.sign-in'")
                        .toString());
        var tables = List.of("person", "person_code", "person_session", "sign_in_failure_from", "audit_event");
        for (var table : tables) {
            var kept = server.database
                    .rows("SELECT t::text FROM %s t".formatted(table))
                    .toString();
            for (var secret :
                    List.of(PASSWORD, OTHER, firstCode, browser.cookie().split("=")[1])) {
                assertFalse(kept.contains(secret), table);
                assertFalse(kept.contains(hex(secret)), table);
            }
        }
    }
}
