package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A person before the API: signs in, and shows the cookie and the page's token from then on. */
final class Browser {
    private final ApiClient api;
    private String cookie = "";
    private String csrfToken = "";
    private String signInCookie = "";

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
        if (!cookie.isEmpty() || !signInCookie.isEmpty()) {
            headers.put("Cookie", cookie.isEmpty() ? signInCookie : cookie + "; " + signInCookie);
        }
        if (!shown.isEmpty()) {
            headers.put("X-CSRF-Token", shown);
        }
        var bytes = body == null ? new byte[0] : body.toBuffer().getBytes();
        return api.send(operation, headers, bytes, parameters);
    }

    /** Goes to a provider, by what it was told. @return its page's address */
    URI begin(String provider, String target) throws Exception {
        var answer = send("beginOidc", null, "provider", provider, "target", target);
        assertEquals(303, answer.status(), answer::text);
        signInCookie = setCookie(answer);
        return URI.create(answer.response().headers().firstValue("Location").orElseThrow());
    }

    /** Comes back. @param callback where the provider sent it */
    ApiClient.Answer finish(String provider, URI callback) throws Exception {
        var parameters = new ArrayList<>(List.of("provider", provider));
        for (var field : callback.getRawQuery().split("&")) {
            var both = field.split("=", 2);
            parameters.add(both[0]);
            parameters.add(URLDecoder.decode(both[1], StandardCharsets.UTF_8));
        }
        var answer = send("finishOidc", null, parameters.toArray(String[]::new));
        if (answer.status() == 303) {
            cookie = setCookie(answer);
            csrfToken = send("showSession", null).json().getString("csrf_token");
        }
        return answer;
    }

    private static String setCookie(ApiClient.Answer answer) {
        return answer.response()
                .headers()
                .firstValue("Set-Cookie")
                .orElseThrow()
                .split(";", 2)[0];
    }

    String cookie() {
        return cookie;
    }

    /** The same browser before another server. */
    Browser at(ApiClient other) {
        var moved = new Browser(other);
        moved.cookie = cookie;
        moved.signInCookie = signInCookie;
        moved.csrfToken = csrfToken;
        return moved;
    }
}
