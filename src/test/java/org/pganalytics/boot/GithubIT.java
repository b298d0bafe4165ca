package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestServer;

/** People of GitHub: plain OAuth, and who they are by its API, as its documentation says; an Enterprise server's paths. */
class GithubIT {
    private static final String TOKEN = "gho_of-this-test";

    private static final Vertx VERTX = Vertx.vertx();
    private static final Map<String, JsonObject> ANSWERS = new ConcurrentHashMap<>();
    private static HttpServer github;
    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        github = TestServer.await(
                VERTX.createHttpServer().requestHandler(GithubIT::answer).listen(0, "127.0.0.1"));
        var provider = """
                [{ id = gh, preset = github, issuer = "http://127.0.0.1:%d", client-id = c, client-secret = s
                   roles { admin = ["acme/dba"], viewer = [acme] } }]""";
        server = ApiServer.start(Map.of(
                "PGANALYTICS_IDENTITY_PUBLIC_URL",
                "http://127.0.0.1:7",
                "PGANALYTICS_IDENTITY_OIDC_PROVIDERS",
                provider.formatted(github.actualPort())));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        TestServer.await(VERTX.close());
    }

    private static void answer(HttpServerRequest request) {
        if (request.path().equals("/login/oauth/access_token")) {
            request.bodyHandler(form -> json(
                    request,
                    form.toString().contains("code=good") && form.toString().contains("code_verifier=")
                            ? new JsonObject().put("access_token", TOKEN).put("token_type", "bearer")
                            : new JsonObject().put("error", "bad_verification_code")));
        } else if (!("Bearer " + TOKEN).equals(request.getHeader("Authorization"))) {
            request.response().setStatusCode(401).end("{}");
        } else {
            var known = ANSWERS.get(request.path());
            json(request, known.getValue("list", known));
        }
    }

    private static void json(HttpServerRequest request, Object body) {
        request.response().putHeader("Content-Type", "application/json").end(io.vertx.core.json.Json.encode(body));
    }

    private static void knows(long id, String login, JsonArray orgs, JsonArray teams) {
        ANSWERS.put("/api/v3/user", new JsonObject().put("id", id).put("login", login));
        ANSWERS.put("/api/v3/user/orgs", new JsonObject().put("list", orgs));
        ANSWERS.put("/api/v3/user/teams", new JsonObject().put("list", teams));
    }

    private static JsonArray orgs(String login) {
        return new JsonArray().add(new JsonObject().put("login", login));
    }

    private static JsonArray teams(String org, String slug) {
        return new JsonArray()
                .add(new JsonObject().put("slug", slug).put("organization", new JsonObject().put("login", org)));
    }

    private static ApiClient.Answer back(Browser browser, String code) throws Exception {
        var page = browser.begin("gh", "/");
        var query = page.getRawQuery().split("&");
        var state = "";
        for (var field : query) {
            state = field.startsWith("state=") ? URLDecoder.decode(field.substring(6), StandardCharsets.UTF_8) : state;
        }
        return browser.finish("gh", URI.create("http://127.0.0.1:7/?code=%s&state=%s".formatted(code, state)));
    }

    private static JsonObject signedIn() throws Exception {
        var browser = new Browser(server.client);
        var answer = back(browser, "good");
        assertEquals(303, answer.status(), answer::text);
        return browser.send("showSession", null).json();
    }

    @Test
    void organizationsAndTeamsGiveRolesAndTheNumberSaysWhoItIs() throws Exception {
        knows(41, "octo", orgs("acme"), new JsonArray());
        assertEquals("viewer", signedIn().getString("role"));
        knows(41, "renamed", orgs("acme"), teams("acme", "dba"));
        var again = signedIn();
        assertEquals("person:octo", again.getString("name"));
        assertEquals("admin", again.getString("role"));
        knows(42, "octo", orgs("acme"), new JsonArray());
        assertEquals(409, back(new Browser(server.client), "good").status(), "a name given up, and taken by another");
        knows(43, "stranger", orgs("elsewhere"), teams("elsewhere", "dba"));
        assertEquals(403, back(new Browser(server.client), "good").status());
    }

    @Test
    void aCodeThatGithubDoesNotTakeLetsNobodyIn() throws Exception {
        knows(44, "nobody", orgs("acme"), new JsonArray());
        var answer = back(new Browser(server.client), "bad");
        assertEquals(401, answer.status(), answer::text);
        assertEquals(0, server.database.number("SELECT count(*) FROM person WHERE name = 'nobody'"));
    }
}
