package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import org.pganalytics.identity.factor.TotpCodes;

/** Asks each operation about a second factor, as somebody who is signed in and has none. */
final class SecondFactorWalk {
    private SecondFactorWalk() {}

    /** @param person their name, of the role viewer; their sessions are over afterwards */
    static void walk(ApiClient admin, Browser browser, String person, String password) throws Exception {
        done(204, browser.send("confirmSession", new JsonObject().put("password", password)));
        add(browser);
        done(204, browser.send("removeSecondFactor", null));
        add(browser);
        done(204, admin.ask("resetSecondFactor", null, "person", person));
    }

    /** The key of their authenticator. */
    static String add(Browser browser) throws Exception {
        var key = done(201, browser.send("beginSecondFactor", null)).json().getString("key");
        done(201, browser.send("addSecondFactor", new JsonObject().put("code", TotpCodes.now(key))));
        return key;
    }

    private static ApiClient.Answer done(int status, ApiClient.Answer answer) {
        assertEquals(status, answer.status(), answer::text);
        return answer;
    }
}
