package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in at its limits, and at the same time as something else. */
class SignInLimitsIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";
    private static final String OTHER = "walnut.harbour 9 quill";

    private static ApiServer server;
    private static ApiClient api;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of(
                "PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS", "100000",
                "PGANALYTICS_IDENTITY_SESSIONS_MAX", "3"));
        api = server.client;
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String code(String name) throws Exception {
        var added = api.ask("addPerson", new JsonObject().put("name", name).put("role", "viewer"));
        assertEquals(201, added.status(), added::text);
        return added.json().getString("code");
    }

    private static Browser person(String name) throws Exception {
        return Browser.of(api, code(name), name, PASSWORD);
    }

    private static CompletableFuture<Integer> signingIn(String name, String password) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return new Browser(api).signIn(name, password).status();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        });
    }

    @Test
    void oneSessionMoreEndsTheOldestOnRecord() throws Exception {
        var all = new ArrayList<Browser>();
        all.add(person("many"));
        for (int more = 0; more < 3; more++) {
            var browser = new Browser(api);
            assertEquals(201, browser.signIn("many", PASSWORD).status());
            all.add(browser);
        }
        assertEquals(401, all.get(0).send("showSession", null).status());
        for (var newer : all.subList(1, 4)) {
            assertEquals(200, newer.send("showSession", null).status());
        }
        assertEquals(
                "[[person:many, ok, 1]]",
                server.database
                        .rows("SELECT actor, outcome, details->>'count' FROM audit_event"
                                + " WHERE action = 'person.end-oldest-session' AND target = 'person:many'")
                        .toString());
    }

    @Test
    void whatIsOverTakesNoPlaceOfASessionThatHolds() throws Exception {
        var first = person("placed");
        for (int more = 0; more < 2; more++) {
            new Browser(api).signIn("placed", PASSWORD);
        }
        server.database.execute(
                "UPDATE person_session SET ends_at = now() WHERE id IN (SELECT s.id FROM person_session s"
                        + " JOIN person p ON p.id = s.person WHERE p.name = 'placed' ORDER BY s.begun_at DESC LIMIT 2)");
        new Browser(api).signIn("placed", PASSWORD);
        assertEquals(200, first.send("showSession", null).status());
    }

    @Test
    void signingInManyTimesAtOnceLeavesAsManySessionsAsMayBe() throws Exception {
        person("parallel");
        var statuses = IntStream.range(0, 5).mapToObj(each -> signingIn("parallel", PASSWORD)).toList().stream()
                .map(CompletableFuture::join)
                .toList();
        assertTrue(statuses.contains(201), statuses::toString);
        assertTrue(server.database.number("SELECT count(*) FROM person_session s JOIN person p ON p.id = s.person"
                        + " WHERE p.name = 'parallel'")
                <= 3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofManyWrongOnesAtOnceFiveAreLookedAt(boolean there) throws Exception {
        var name = there ? "stormed" : "stormed-nobody";
        if (there) {
            person(name);
        }
        var all = IntStream.range(0, 20)
                .mapToObj(guess -> signingIn(name, OTHER + guess))
                .toList();
        var statuses = all.stream().map(CompletableFuture::join).toList();
        long lookedAt = statuses.stream().filter(status -> status == 401).count();
        // Each second that they take lets another one in.
        assertTrue(lookedAt >= 5 && lookedAt <= 7, statuses::toString);
        assertEquals(
                20, lookedAt + statuses.stream().filter(status -> status == 429).count(), statuses::toString);
    }

    /** Whichever comes first: the code that the reset made is the way in, and no password from before it. */
    @Test
    void aResetWhileThePasswordIsBeingChangedWins() throws Exception {
        for (int round = 0; round < 4; round++) {
            var name = "between-" + round;
            var browser = person(name);
            var change = CompletableFuture.supplyAsync(() -> {
                try {
                    var body = new JsonObject().put("current", PASSWORD).put("new", OTHER);
                    return browser.send("changePassword", body).status();
                } catch (Exception failed) {
                    throw new IllegalStateException(failed);
                }
            });
            Thread.sleep(15L * round);
            var reset = api.ask("resetPassword", null, "person", name);
            assertEquals(201, reset.status(), reset::text);
            int changed = change.join();
            assertTrue(changed == 204 || changed == 409 || changed == 401 || changed == 403, () -> "it was " + changed);
            assertEquals(401, new Browser(api).signIn(name, PASSWORD).status());
            assertEquals(401, new Browser(api).signIn(name, OTHER).status(), "the change said " + changed);
            assertEquals(401, browser.send("showSession", null).status());
            var third = "another one " + PASSWORD;
            assertEquals(
                    204,
                    new Browser(api)
                            .redeem(reset.json().getString("code"), name, third)
                            .status());
            assertEquals(201, new Browser(api).signIn(name, third).status());
        }
    }

    @Test
    void aCodeThatExpiredOpensNothing() throws Exception {
        var code = code("late");
        server.database.execute("UPDATE person_code SET ends_at = now()"
                + " WHERE person = (SELECT id FROM person WHERE name = 'late')");
        var late = new Browser(api).redeem(code, "late", PASSWORD);
        var wrong = new Browser(api).redeem("pgcode_" + "x".repeat(43), "late", PASSWORD);
        assertEquals(401, late.status());
        assertEquals(wrong.text(), late.text());
        var again = api.ask("resetPassword", null, "person", "late").json().getString("code");
        assertEquals(204, new Browser(api).redeem(again, "late", PASSWORD).status());
    }

    /** Of what no list has next to each other. */
    private static String password(int length) {
        return ("q7#Vz!m2Kx@9" + PASSWORD + "/" + OTHER + "/").repeat(20).substring(0, length);
    }

    @ParameterizedTest
    @CsvSource({"11, 400", "12, 204", "256, 204", "257, 400", "1024, 400"})
    void aPasswordIsTwelveToTwoHundredAndFiftySixLong(int length, int status) throws Exception {
        var name = "long-" + length;
        var code = code(name);
        var answer = new Browser(api).redeem(code, name, password(length));
        assertEquals(status, answer.status(), answer::text);
        if (status == 204) {
            assertEquals(201, new Browser(api).signIn(name, password(length)).status());
        } else {
            assertTrue(answer.detail().contains("12 to 256"), answer::detail);
            assertEquals(401, new Browser(api).signIn(name, password(length)).status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"signIn", "redeemCode"})
    void whoIsNotKnownSendsFourKibibytesAtMost(String operation) throws Exception {
        var headers = Map.of("Content-Type", "application/json");
        var most = "{\"name\":\"x\"" + " ".repeat(4_096 - 11) + "}";
        var fits = api.send(operation, headers, most.substring(0, 4_096).getBytes(StandardCharsets.UTF_8));
        assertEquals(400, fits.status(), fits::text);
        var more = api.send(operation, headers, (most + "  ").getBytes(StandardCharsets.UTF_8));
        assertEquals(413, more.status(), more::text);
        assertTrue(more.detail().contains("4096"), more::detail);
        var longest = new JsonObject().put("name", "long").put("password", "\uD83D\uDD11".repeat(128));
        assertTrue(longest.toBuffer().length() < 4_096);
        assertEquals(413, api.send(operation, headers, new byte[60_000]).status());
    }
}
