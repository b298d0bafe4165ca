package org.pganalytics.identity.keycloak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Whether what other tests lean on is there. */
class RealKeycloakIT {
    private static final String CALLBACK = "http://127.0.0.1:1/callback";

    @Test
    void somebodySignsInAndIsSentBackWithACode() throws Exception {
        var keycloak = RealKeycloak.shared();
        keycloak.addRealm("support", CALLBACK);
        var browser = new FormBrowser();
        browser.stopBefore(CALLBACK);
        var login = browser.open(keycloak.realm("support") + "/protocol/openid-connect/auth?response_type=code"
                + "&client_id=%s&scope=openid&redirect_uri=%s&code_challenge_method=S256&code_challenge=%s"
                        .formatted(RealKeycloak.CLIENT, CALLBACK, "a".repeat(43)));
        var wrong = browser.signIn(login, "alice", "wrong");
        assertEquals(200, wrong.status());
        var back = browser.signIn(wrong, "alice", RealKeycloak.PASSWORD);
        assertEquals(302, back.status(), back::text);
        assertTrue(back.location().orElseThrow().getQuery().contains("code="), () -> "" + back.location());
    }
}
