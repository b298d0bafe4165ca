package org.pganalytics.boot;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.model.Permission;

/** API tokens of people and services before two whole servers on one database. */
class ApiTokenIT {
    private static final Duration BOUND = TokenScene.BOUND;

    private static TokenScene scene;
    private static ApiServer server;
    private static ApiClient api;
    private static ApiClient elsewhere;

    @BeforeAll
    static void start() throws Exception {
        scene = new TokenScene();
        server = scene.server;
        api = scene.api;
        elsewhere = scene.elsewhere;
    }

    @AfterAll
    static void stop() {
        scene.close();
    }

    @Test
    void aTokenMayWhatBothItsScopesAndItsOwnersRoleAllow() throws Exception {
        var owner = scene.person("both", "operator");
        var token = TokenScene.made(owner.send("createOwnToken", TokenScene.wish("t", "fleet.read", "fleet.write")))
                .getString("token");
        assertEquals(200, TokenScene.status(api, token, "listCollectors"));
        var nobody = UUID.randomUUID().toString();
        assertEquals(
                404,
                TokenScene.status(api, token, "deleteCollector", "collector", nobody),
                "no CSRF token is asked for");
        var beyond = TokenScene.by(api, token, "listQuarantine");
        assertEquals(403, beyond.status(), "the role has it, the token does not");
        assertTrue(beyond.detail().contains("scopes"), beyond::detail);
        api.ask("setRole", new JsonObject().put("role", "viewer"), "person", "both");
        await().atMost(BOUND)
                .untilAsserted(() ->
                        assertEquals(403, TokenScene.status(elsewhere, token, "deleteCollector", "collector", nobody)));
        assertEquals(200, TokenScene.status(elsewhere, token, "listCollectors"));
        api.ask("setRole", new JsonObject().put("role", "admin"), "person", "both");
        await().atMost(BOUND)
                .untilAsserted(() ->
                        assertEquals(404, TokenScene.status(elsewhere, token, "deleteCollector", "collector", nobody)));
        assertEquals(
                403,
                TokenScene.status(elsewhere, token, "listPeople"),
                "more rights of the owner are none of the token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"revoked_at = now()", "ends_at = now()"})
    void aTokenThatOnceHeldIsRefusedOnRecordAndItsUseIsNot(String over) throws Exception {
        var name = "over-" + over.charAt(0);
        var token = scene.service(name, "fleet.read");
        assertEquals(200, TokenScene.status(api, token, "listCollectors"));
        server.database.execute("UPDATE api_token SET %s WHERE name = '%s'".formatted(over, name));
        await().atMost(BOUND).untilAsserted(() -> assertEquals(401, TokenScene.status(api, token, "listCollectors")));
        assertEquals(
                "[[admin:bootstrap, api-token.create, ok, 127.0.0.1],"
                        + " [service:%1$s, api-token.refuse, UNAUTHENTICATED, 127.0.0.1]]".formatted(name),
                server.database
                        .rows("SELECT actor, action, outcome, address FROM audit_event WHERE target = 'service:%s'"
                                        .formatted(name)
                                + " ORDER BY id")
                        .toString());
    }

    @Test
    void noTokenMakesTokensOrIsItsOwner() throws Exception {
        var owner = scene.person("limited", "admin");
        var all = Arrays.stream(Permission.values())
                .filter(Permission::isForTokens)
                .map(Permission::key)
                .toArray(String[]::new);
        var own = TokenScene.made(owner.send("createOwnToken", TokenScene.wish("all", all)))
                .getString("token");
        for (var token : List.of(own, scene.service("all", all))) {
            for (var operation : List.of(
                    "createOwnToken",
                    "listOwnTokens",
                    "createServiceToken",
                    "changePassword",
                    "listOwnSessions",
                    "showSession",
                    "signOut")) {
                assertEquals(403, TokenScene.status(api, token, operation), operation);
            }
        }
        assertEquals(200, TokenScene.status(api, own, "listPeople"));
        for (var scope : List.of("self", "tokens.write", "metrics.reed")) {
            assertEquals(
                    400,
                    owner.send("createOwnToken", TokenScene.wish("more", scope)).status(),
                    scope);
        }
        assertEquals(
                409,
                api.ask("createOwnToken", TokenScene.wish("bootstrap", "fleet.read"))
                        .status(),
                "an admin token is nobody");
    }

    @Test
    void whatCannotBeHadIsRefusedWithAReason() throws Exception {
        var owner = scene.person("wishing", "viewer");
        var tooMuch = owner.send("createOwnToken", TokenScene.wish("t", "fleet.write"));
        assertEquals(400, tooMuch.status());
        assertTrue(tooMuch.detail().contains("viewer"), tooMuch::detail);
        for (var life : List.of(Duration.ofDays(11), Duration.ofSeconds(-1))) {
            var refused = owner.send("createOwnToken", TokenScene.wish("t", life, "fleet.read"));
            assertEquals(400, refused.status());
            assertTrue(refused.detail().contains("token-lifetime-max"), refused::detail);
        }
        var first = TokenScene.made(owner.send("createOwnToken", TokenScene.wish("t", "fleet.read")));
        assertEquals(
                409,
                owner.send("createOwnToken", TokenScene.wish("t", "fleet.read")).status());
        TokenScene.made(owner.send("createOwnToken", TokenScene.wish("u", "fleet.read")));
        TokenScene.made(owner.send("createOwnToken", TokenScene.wish("v", "fleet.read")));
        var fourth = owner.send("createOwnToken", TokenScene.wish("w", "fleet.read"));
        assertEquals(409, fourth.status());
        assertTrue(fourth.detail().contains("identity.tokens-max"), fourth::detail);
        var other = scene.person("other-one", "viewer");
        assertEquals(
                404,
                other.send("revokeOwnToken", null, "token", first.getString("id"))
                        .status());
        assertEquals(
                204,
                owner.send("revokeOwnToken", null, "token", first.getString("id"))
                        .status());
        assertEquals(
                404,
                owner.send("revokeOwnToken", null, "token", first.getString("id"))
                        .status());
        TokenScene.made(owner.send("createOwnToken", TokenScene.wish("t", "fleet.read")));
        assertEquals(
                4,
                owner.send("listOwnTokens", null).json().getJsonArray("tokens").size());
    }

    @Test
    void aTokenIsShownOnceAndItsLastUseToTheMinute() throws Exception {
        var owner = scene.person("looking", "auditor");
        var made = TokenScene.made(owner.send("createOwnToken", TokenScene.wish("seen", "fleet.read")));
        var token = made.remove("token").toString();
        assertEquals(null, made.getString("last_used_at"));
        assertEquals(200, TokenScene.status(api, token, "listCollectors"));
        var used = shown(owner);
        assertTrue(used.getString("last_used_at") != null, used::encode);
        assertEquals(200, TokenScene.status(elsewhere, token, "listCollectors"));
        assertEquals(used, shown(owner), "once a minute");
        assertEquals(made, used.copy().put("last_used_at", null));
        var everybodys = owner.send("listTokens", null);
        assertTrue(everybodys.text().contains(made.getString("id")), everybodys::text);
        for (var table : List.of("api_token", "audit_event")) {
            var kept = server.database
                    .rows("SELECT t::text FROM %s t".formatted(table))
                    .toString();
            assertFalse(kept.contains(token) || kept.contains(token.substring(6)), table);
        }
        assertFalse(everybodys.text().contains(token));
    }

    private static JsonObject shown(Browser owner) throws Exception {
        return owner.send("listOwnTokens", null).json().getJsonArray("tokens").getJsonObject(0);
    }

    @Test
    void aTokenInTheAddressIsRefused() throws Exception {
        var token = scene.service("spoken", "fleet.read");
        var alone = api.send("listCollectors", Map.of(), new byte[0], "access_token", token);
        assertEquals(401, alone.status());
        var headers = Map.of("Authorization", "Bearer " + token);
        var besides = api.send("listCollectors", headers, new byte[0], "access_token", token);
        assertEquals(400, besides.status());
        assertFalse((alone.text() + besides.text()).contains(token));
    }

    @Test
    void aCookieBesideATokenAddsNothing() throws Exception {
        var token = scene.service("beside", "fleet.read");
        var admin = scene.person("cookie-owner", "admin");
        var headers = new HashMap<>(Map.of("Authorization", "Bearer " + token, "Cookie", admin.cookie()));
        assertEquals(403, api.send("listPeople", headers, new byte[0]).status(), "who shows a token is who it says");
        headers.put("Authorization", "Bearer pgapi_" + "x".repeat(43));
        assertEquals(
                401,
                api.send("listPeople", headers, "".getBytes(StandardCharsets.UTF_8))
                        .status());
    }

    @Test
    void withoutItsEventNothingChangesAndNobodyIsAnswered() throws Exception {
        var kept = TokenScene.made(api.ask("createServiceToken", TokenScene.wish("unheard", "fleet.read")));
        var over = scene.service("over", "fleet.read");
        server.database.execute("UPDATE api_token SET ends_at = now() WHERE name = 'over'");
        server.database.execute(
                "ALTER TABLE audit_event ADD CONSTRAINT deaf CHECK (action NOT LIKE 'api-token%') NOT VALID");
        try {
            assertEquals(
                    503,
                    api.ask("createServiceToken", TokenScene.wish("unmade", "fleet.read"))
                            .status());
            assertEquals(0, server.database.number("SELECT count(*) FROM api_token WHERE name = 'unmade'"));
            assertEquals(
                    503,
                    api.ask("revokeToken", null, "token", kept.getString("id")).status());
            assertEquals(200, TokenScene.status(api, kept.getString("token"), "listCollectors"));
            assertEquals(503, TokenScene.status(api, over, "listCollectors"));
        } finally {
            server.database.execute("ALTER TABLE audit_event DROP CONSTRAINT deaf");
        }
    }
}
