package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.identity.keycloak.FormBrowser;
import org.pganalytics.identity.keycloak.RealKeycloak;

/** People of a real Keycloak sign in by OpenID Connect. */
class KeycloakOidcIT {
    private static final String REALM = "openid";
    private static final String PUBLIC_URL = "http://127.0.0.1:7";

    private static RealKeycloak keycloak;
    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        keycloak = RealKeycloak.shared();
        keycloak.addRealm(REALM, PUBLIC_URL + "/api/v1/session/oidc/kc/callback");
        var provider = """
                [{ id = kc, preset = keycloak, issuer = "%s", client-id = "%s", client-secret = "%s"
                   roles { admin = [admins], viewer = [viewers] } }]""";
        server = ApiServer.start(Map.of(
                "PGANALYTICS_IDENTITY_PUBLIC_URL",
                PUBLIC_URL,
                "PGANALYTICS_IDENTITY_OIDC_PROVIDERS",
                provider.formatted(keycloak.realm(REALM), RealKeycloak.CLIENT, RealKeycloak.CLIENT_SECRET)));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    /** Types name and password at Keycloak. @return where it sends the browser */
    private static URI proven(Browser browser, String name) throws Exception {
        var pages = new FormBrowser();
        pages.stopBefore(PUBLIC_URL);
        var login = pages.open(browser.begin("kc", "/").toString());
        return pages.signIn(login, name, RealKeycloak.PASSWORD).location().orElseThrow();
    }

    private static JsonObject signedIn(String name) throws Exception {
        var browser = new Browser(server.client);
        var answer = browser.finish("kc", proven(browser, name));
        assertEquals(303, answer.status(), answer::text);
        return browser.send("showSession", null).json();
    }

    @Test
    void groupsGiveRolesAndWhoIsInNoneStaysOut() throws Exception {
        var alice = signedIn("alice");
        assertEquals("person:alice", alice.getString("name"));
        assertEquals("admin", alice.getString("role"));
        assertEquals("viewer", signedIn("bob").getString("role"));
        var nora = new Browser(server.client);
        assertEquals(403, nora.finish("kc", proven(nora, "nora")).status());
        assertEquals(0, server.database.number("SELECT count(*) FROM person WHERE name = 'nora'"));
    }

    @Test
    void anAnswerIsTakenOnce() throws Exception {
        var browser = new Browser(server.client);
        var answer = proven(browser, "bob");
        assertEquals(303, browser.finish("kc", answer).status());
        assertEquals(401, browser.finish("kc", answer).status());
    }

    @Test
    void keysThatKeycloakRotatesAreLearnt() throws Exception {
        signedIn("bob");
        var realm = new JsonObject(keycloak.admin("GET", "/" + REALM, null)).getString("id");
        var key = new JsonObject()
                .put("name", "rotated")
                .put("providerId", "rsa-generated")
                .put("providerType", "org.keycloak.keys.KeyProvider")
                .put("parentId", realm)
                .put("config", new JsonObject().put("priority", new JsonArray().add("500")));
        keycloak.admin("POST", "/%s/components".formatted(REALM), key.encode());
        assertEquals("viewer", signedIn("bob").getString("role"));
    }
}
