package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/** A person before the API: signs in, and shows the cookie and the page's token from then on. */
final class Browser {
    private final ApiClient api;
    private String cookie = "";
    private String csrfToken = "";

    Browser(ApiClient api) {
        this.api = api;
    }

    /** One who was added and signs in for the first time. @param code that they were given */
    static Browser of(ApiClient api, String code, String name, String password) throws Exception {
        var browser = new Browser(api);
        assertEquals(204, browser.redeem(code, name, password).status());
        assertEquals(201, browser.signIn(name, password).status());
        return browser;
    }

    ApiClient.Answer redeem(String code, String name, String password) throws Exception {
        return send(
                "redeemCode",
                new JsonObject().put("code", code).put("name", name).put("password", password));
    }

    ApiClient.Answer signIn(String name, String password) throws Exception {
        return signIn(new JsonObject().put("name", name).put("password", password));
    }

    /** With a second factor. */
    ApiClient.Answer signIn(String name, String password, String code) throws Exception {
        return signIn(
                new JsonObject().put("name", name).put("password", password).put("code", code));
    }

    private ApiClient.Answer signIn(JsonObject shown) throws Exception {
        var answer = send("signIn", shown);
        if (answer.status() == 201) {
            cookie = answer.response()
                    .headers()
                    .firstValue("Set-Cookie")
                    .orElseThrow()
                    .split(";", 2)[0];
            csrfToken = answer.json().getString("csrf_token");
        }
        return answer;
    }

    /** @param body null for none */
    ApiClient.Answer send(String operation, JsonObject body, String... parameters) throws Exception {
        return showing(csrfToken, operation, body, parameters);
    }

    /** With another page's token. */
    ApiClient.Answer showing(String shown, String operation, JsonObject body, String... parameters) throws Exception {
        var headers = new HashMap<>(Map.of("Content-Type", "application/json", "User-Agent", "a test's browser"));
        if (!cookie.isEmpty()) {
            headers.put("Cookie", cookie);
        }
        if (!shown.isEmpty()) {
            headers.put("X-CSRF-Token", shown);
        }
        var bytes = body == null ? new byte[0] : body.toBuffer().getBytes();
        return api.send(operation, headers, bytes, parameters);
    }

    String cookie() {
        return cookie;
    }

    /** The same browser before another server. */
    Browser at(ApiClient other) {
        var moved = new Browser(other);
        moved.cookie = cookie;
        moved.csrfToken = csrfToken;
        return moved;
    }
}
