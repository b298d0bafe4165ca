package org.pganalytics.boot;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken from an API token is gone on both servers of one database, whether they hear of it or not. */
class ApiTokenSpreadIT {
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

    static Stream<Arguments> ends() {
        return Stream.of(true, false)
                .flatMap(heard -> Stream.of("revoked", "disabled", "demoted").map(how -> Arguments.of(how, heard)));
    }

    @ParameterizedTest(name = "{0}, notices come: {1}")
    @MethodSource("ends")
    void whatIsTakenAwayHoldsOnEveryServerInUnderFiveSeconds(String how, boolean heard) throws Exception {
        var name = how + "-" + heard;
        var owner = scene.person(name, "operator");
        var made = TokenScene.made(owner.send("createOwnToken", TokenScene.wish("t", "quarantine.read")));
        var token = made.getString("token");
        notices(heard);
        try {
            assertEquals(200, TokenScene.status(elsewhere, token, "listQuarantine"));
            assertEquals(200, TokenScene.status(api, token, "listQuarantine"));
            end(how, name, made.getString("id"));
            int refused = how.equals("demoted") ? 403 : 401;
            await().atMost(BOUND)
                    .untilAsserted(() -> assertEquals(refused, TokenScene.status(elsewhere, token, "listQuarantine")));
            await().atMost(BOUND)
                    .untilAsserted(() -> assertEquals(refused, TokenScene.status(api, token, "listQuarantine")));
        } finally {
            notices(true);
        }
    }

    /** Without them nobody hears of anything; the connection for them stands all the while. */
    private static void notices(boolean heard) {
        for (var table : List.of("api_token", "person")) {
            server.database.execute("ALTER TABLE %s %s TRIGGER USER".formatted(table, heard ? "ENABLE" : "DISABLE"));
        }
    }

    private static void end(String how, String name, String id) throws Exception {
        var answer = switch (how) {
            case "revoked" -> api.ask("revokeToken", null, "token", id);
            case "disabled" -> api.ask("setDisabled", new JsonObject().put("disabled", true), "person", name);
            default -> api.ask("setRole", new JsonObject().put("role", "viewer"), "person", name);
        };
        assertTrue(answer.status() < 300, answer::text);
    }

    /** Else each would be believed for another second. */
    @ParameterizedTest
    @ValueSource(strings = {"revoked", "disabled", "demoted"})
    void noticesAreHeardLongBeforeTheBound(String how) throws Exception {
        var owner = scene.person("hastened-" + how, "operator");
        var made = TokenScene.made(owner.send("createOwnToken", TokenScene.wish("t", "quarantine.read")));
        assertEquals(200, TokenScene.status(elsewhere, made.getString("token"), "listQuarantine"));
        end(how, "hastened-" + how, made.getString("id"));
        await().atMost(Duration.ofSeconds(3))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() ->
                        assertTrue(TokenScene.status(elsewhere, made.getString("token"), "listQuarantine") > 400));
    }

    @Test
    void anEndedSessionIsOverOnEveryServerAtOnceWhoeverHears() throws Exception {
        var here = scene.person("ended-here", "viewer");
        var there = here.at(elsewhere);
        notices(false);
        try {
            assertEquals(200, there.send("showSession", null).status());
            assertEquals(204, here.send("signOut", null).status());
            assertEquals(401, there.send("showSession", null).status());
            assertEquals(201, here.signIn("ended-here", TokenScene.PASSWORD).status());
            var again = here.at(elsewhere);
            assertEquals(200, again.send("showSession", null).status());
            api.ask("setRole", new JsonObject().put("role", "auditor"), "person", "ended-here");
            assertEquals("auditor", again.send("showSession", null).json().getString("role"));
            api.ask("setDisabled", new JsonObject().put("disabled", true), "person", "ended-here");
            assertEquals(401, again.send("showSession", null).status());
        } finally {
            notices(true);
        }
    }
}
