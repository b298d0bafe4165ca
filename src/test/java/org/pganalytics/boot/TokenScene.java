package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Two servers on one database, people with browsers, and tokens. */
final class TokenScene implements AutoCloseable {
    static final String PASSWORD = "gravel-otter-71-lantern";
    static final Duration BOUND = Duration.ofSeconds(5);
    /** The longest staleness that may be set, so that the bound is held to what it promises. */
    private static final Map<String, String> SETTINGS = Map.of(
            "PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS", "100000",
            "PGANALYTICS_IDENTITY_TOKEN_STALENESS_MAX", "4s",
            "PGANALYTICS_IDENTITY_TOKENS_MAX", "3",
            "PGANALYTICS_IDENTITY_TOKEN_LIFETIME_MAX", "10d");

    final ApiServer server;
    final ApiClient api;
    final ApiClient elsewhere;
    private final Server second;

    TokenScene() throws IOException {
        server = ApiServer.start(SETTINGS);
        second = ApiServer.open(server.database, Files.createTempDirectory("second"), SETTINGS);
        api = server.client;
        elsewhere = new ApiClient(second.ports().getInteger("http"), server.token);
    }

    @Override
    public void close() {
        ApiServer.close(second);
        server.close();
    }

    Browser person(String name, String role) throws Exception {
        var added = api.ask("addPerson", new JsonObject().put("name", name).put("role", role));
        assertEquals(201, added.status(), added::text);
        return Browser.of(api, added.json().getString("code"), name, PASSWORD);
    }

    static JsonObject wish(String name, String... scopes) {
        return wish(name, Duration.ofDays(1), scopes);
    }

    static JsonObject wish(String name, Duration life, String... scopes) {
        return new JsonObject()
                .put("name", name)
                .put("scopes", new JsonArray(List.of(scopes)))
                .put("ends_at", Instant.now().plus(life).toString());
    }

    static JsonObject made(ApiClient.Answer answer) {
        assertEquals(201, answer.status(), answer::text);
        assertTrue(answer.json().getString("token").matches("pgapi_[A-Za-z0-9_-]{43}"), answer::text);
        return answer.json();
    }

    String service(String name, String... scopes) throws Exception {
        return made(api.ask("createServiceToken", wish(name, scopes))).getString("token");
    }

    static ApiClient.Answer by(ApiClient where, String token, String operation, String... parameters) throws Exception {
        return where.send(operation, Optional.of(token), "", parameters);
    }

    static int status(ApiClient where, String token, String operation, String... parameters) throws Exception {
        return by(where, token, operation, parameters).status();
    }
}
