package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.identity.factor.TotpCodes;

/** What a second factor that comes, goes or is guessed means for passwords and sessions. */
class SecondFactorSessionsIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";

    private static ApiServer server;
    private static ApiClient api;
    private static Browser admin;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of(
                "PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS", "100000",
                "PGANALYTICS_SECRETS_KEYS", "key k-test " + "A".repeat(43) + "=",
                "PGANALYTICS_IDENTITY_SECOND_FACTOR_ROLES", "operator"));
        api = server.client;
        admin = Browser.of(api, server.firstAdminCode(), "root", PASSWORD);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Browser viewer(String name) throws Exception {
        var added = admin.send("addPerson", new JsonObject().put("name", name).put("role", "viewer"));
        assertEquals(201, added.status(), added::text);
        return Browser.of(api, added.json().getString("code"), name, PASSWORD);
    }

    private static JsonObject code(String code) {
        return new JsonObject().put("code", code);
    }

    @Test
    void aChangeOfPasswordIsNoWayToGuessCodesFaster() throws Exception {
        var person = viewer("olivia");
        SecondFactorWalk.add(person);
        var change = new JsonObject().put("current", PASSWORD).put("new", "short");
        int tries = 0;
        int status = 401;
        while (status == 401 && tries < 12) {
            status =
                    person.send("confirmSession", code("%06d".formatted(tries))).status();
            assertTrue(person.send("changePassword", change).status() >= 400);
            tries++;
        }
        assertEquals(429, status);
        assertTrue(tries < 7, () -> "a try more for each change");
    }

    @Test
    void anotherPasswordTakesTheSecondFactorToo() throws Exception {
        var person = viewer("peggy");
        var key = SecondFactorWalk.add(person);
        var change = new JsonObject().put("current", PASSWORD).put("new", "another " + PASSWORD);
        assertEquals(403, person.send("changePassword", change).status());
        assertEquals(
                401,
                person.send("changePassword", change.copy().put("code", "000000"))
                        .status());
        assertEquals(
                204,
                person.send("changePassword", change.copy().put("code", TotpCodes.next(key)))
                        .status());
    }

    @Test
    void sessionsOfThePasswordAloneEndWithTheFirstCode() throws Exception {
        var person = viewer("quentin");
        var other = new Browser(api);
        assertEquals(201, other.signIn("quentin", PASSWORD).status());
        SecondFactorWalk.add(person);
        assertEquals(401, other.send("showSession", null).status());
        assertEquals(200, person.send("showSession", null).status());
    }

    @Test
    void whoTookItAwayLacksItInEveryRoleThatTakesOne() throws Exception {
        var person = viewer("rupert");
        SecondFactorWalk.add(person);
        assertEquals(204, person.send("removeSecondFactor", null).status());
        assertEquals(
                200,
                admin.send("setRole", new JsonObject().put("role", "operator"), "person", "rupert")
                        .status());
        assertTrue(person.send("showSession", null).json().getBoolean("lacks_second_factor"));
        assertEquals(403, person.send("listCollectors", null).status());
    }
}
