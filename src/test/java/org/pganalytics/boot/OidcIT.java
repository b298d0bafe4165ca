package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.identity.factor.TotpCodes;

/** People of a provider before a whole server: who comes in, as whom, and with what rights. */
class OidcIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";

    private static PlayedProvider provider;
    private static ApiServer server;
    private static ApiClient api;
    private static Browser admin;

    @BeforeAll
    static void start() throws Exception {
        provider = new PlayedProvider();
        server = ApiServer.start(settings(provider.issuer()));
        api = server.client;
        admin = Browser.of(api, server.firstAdminCode(), "root", PASSWORD);
        SecondFactorWalk.add(admin);
    }

    static Map<String, String> settings(String issuer) {
        var one = """
                { issuer = "%s", client-id = "%s", client-secret = "%s"
                  roles { admin = [dba], viewer = [staff] } %s }""";
        var corp = one.formatted(issuer, PlayedProvider.CLIENT, PlayedProvider.SECRET, ", id = corp, title = Corp");
        var sure = one.formatted(
                issuer, PlayedProvider.CLIENT, PlayedProvider.SECRET, ", id = sure, trusts-factor = true");
        return new HashMap<>(Map.of(
                "PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS",
                "100000",
                "PGANALYTICS_SECRETS_KEYS",
                "key k-test " + "A".repeat(43) + "=",
                "PGANALYTICS_IDENTITY_SECOND_FACTOR_ROLES",
                "admin",
                "PGANALYTICS_IDENTITY_PUBLIC_URL",
                "http://127.0.0.1:7",
                "PGANALYTICS_IDENTITY_OIDC_TIMEOUT",
                "1s",
                "PGANALYTICS_IDENTITY_OIDC_PROVIDERS",
                "[%s, %s]".formatted(corp, sure)));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        provider.close();
    }

    @BeforeEach
    void behave() {
        provider.behave();
    }

    private static ApiClient.Answer signIn(Browser browser, String subject, String name, String... groups)
            throws Exception {
        var page = browser.begin("corp", "/fleet?a=b");
        return browser.finish("corp", provider.authorize(page, subject, name, groups));
    }

    private static Browser signedIn(String subject, String name, String... groups) throws Exception {
        var browser = new Browser(api);
        var answer = signIn(browser, subject, name, groups);
        assertEquals(303, answer.status(), answer::text);
        assertEquals(
                "/fleet?a=b", answer.response().headers().firstValue("Location").orElseThrow());
        return browser;
    }

    private static JsonObject session(Browser browser) throws Exception {
        return browser.send("showSession", null).json();
    }

    private static String told(String where) throws Exception {
        return server.database
                .rows("SELECT action, outcome, details->>'second_factor' FROM audit_event WHERE " + where
                        + " ORDER BY id")
                .toString();
    }

    @Test
    void whoIsNewIsAddedWithTheRoleOfTheirGroupsAndFollowsThem() throws Exception {
        var first = signedIn("u-1", "Ann", "other", "staff");
        assertEquals("person:ann", session(first).getString("name"));
        assertEquals("viewer", session(first).getString("role"));
        assertEquals(
                "admin", session(signedIn("u-1", "renamed", "staff", "dba")).getString("role"));
        assertEquals("admin", session(first).getString("role"), "from the next request on");
        assertEquals(
                "corp", admin.send("showPerson", null, "person", "ann").json().getString("provider"));
        assertEquals(
                "[[person.add, ok, null], [person.sign-in, ok, nothing], [person.set-role, ok, null],"
                        + " [person.sign-in, ok, nothing]]",
                told("target = 'person:ann'"));
    }

    @Test
    void whoHasNoRoleStaysOutAndWhoLostItGoes() throws Exception {
        assertEquals(403, signIn(new Browser(api), "u-2", "norole", "other").status());
        assertEquals(0, server.database.number("SELECT count(*) FROM person WHERE name = 'norole'"));
        var leaving = signedIn("u-3", "leaving", "staff");
        assertEquals(403, signIn(new Browser(api), "u-3", "leaving").status());
        assertEquals(401, leaving.send("showSession", null).status(), "their sessions are over");
        signedIn("u-3", "leaving", "staff");
        admin.send("setDisabled", new JsonObject().put("disabled", true), "person", "leaving");
        assertEquals(403, signIn(new Browser(api), "u-3", "leaving", "staff").status(), "an admin shut them out");
        assertTrue(told("target = 'person:norole'").contains("[person.sign-in, FORBIDDEN, null]"));
    }

    @Test
    void aNameThatSomebodyHasIsTheirsUntilAnAdminLinks() throws Exception {
        assertEquals(409, signIn(new Browser(api), "u-4", "root", "dba").status());
        signedIn("u-5", "taken", "staff");
        assertEquals(409, signIn(new Browser(api), "u-6", "taken", "staff").status(), "another subject");
        assertEquals(403, signIn(new Browser(api), "u-7", "no name", "staff").status());
        var code = admin.send("addPerson", new JsonObject().put("name", "moved").put("role", "viewer"))
                .json()
                .getString("code");
        var before = Browser.of(api, code, "moved", PASSWORD);
        assertEquals(409, signIn(new Browser(api), "u-8", "moved", "staff").status());
        var beside = new BesideDatabase(server.database, Files.createTempDirectory("beside"));
        beside.run(0, "people", "link", "moved", "--provider", "oidc:corp", "--subject", "u-8");
        assertEquals(401, before.send("showSession", null).status());
        assertEquals(401, new Browser(api).signIn("moved", PASSWORD).status());
        assertEquals(
                "person:moved", session(signedIn("u-8", "whatever", "staff")).getString("name"));
        beside.run(1, "people", "link", "root", "--provider", "oidc:corp", "--subject", "u-8");
        assertEquals(409, admin.send("resetPassword", null, "person", "moved").status(), "the provider has it");
        beside.run(0, "people", "unlink", "moved");
        assertEquals(409, signIn(new Browser(api), "u-8", "moved", "staff").status());
    }

    @Test
    void aSessionLacksTheSecondFactorUnlessTheProvidersWordCounts() throws Exception {
        var ina = signedIn("u-9", "ina", "dba");
        assertTrue(session(ina).getBoolean("lacks_second_factor"));
        assertEquals(403, ina.send("listPeople", null).status());
        var key = SecondFactorWalk.add(ina);
        assertEquals(200, ina.send("listPeople", null).status());
        var again = signedIn("u-9", "ina", "staff");
        assertTrue(session(again).getBoolean("lacks_second_factor"), "also where the role takes none");
        assertEquals(403, again.send("removeSecondFactor", null).status(), "not without having shown it");
        assertEquals(403, again.send("listFamilies", null).status());
        assertEquals(
                403,
                again.send("confirmSession", new JsonObject().put("password", PASSWORD))
                        .status());
        var shown = again.send("confirmSession", new JsonObject().put("code", TotpCodes.next(key)));
        assertEquals(204, shown.status(), shown::text);
        assertFalse(session(again).getBoolean("lacks_second_factor"));
        var sure = new Browser(api);
        var page = sure.begin("sure", "/");
        assertEquals(
                303,
                sure.finish("sure", provider.authorize(page, "u-10", "sure", "dba"))
                        .status());
        assertEquals(200, sure.send("listPeople", null).status());
        assertTrue(told("target = 'person:sure'").contains("[person.sign-in, ok, trusted]"));
    }

    @Test
    void aSignInIsGoodOnceInItsBrowserAtItsProvider() throws Exception {
        var browser = new Browser(api);
        var callback = provider.authorize(browser.begin("corp", "/"), "u-11", "once", "staff");
        assertEquals(401, new Browser(api).finish("corp", callback).status(), "a browser that began nothing");
        assertEquals(303, browser.finish("corp", callback).status(), "which uses nothing up");
        assertEquals(401, browser.finish("corp", callback).status(), "the state is used up");
        var other = new Browser(api);
        other.begin("corp", "/");
        var stolen = provider.authorize(browser.begin("corp", "/"), "u-11", "once", "staff");
        assertEquals(401, other.finish("corp", stolen).status(), "with a cookie of its own");
        var mixed = provider.authorize(browser.begin("sure", "/"), "u-11", "once", "staff");
        assertEquals(401, browser.finish("corp", mixed).status(), "another provider");
        var two = List.of(browser.begin("corp", "/"), browser.begin("corp", "/"));
        for (var page : two) {
            assertEquals(
                    303,
                    browser.finish("corp", provider.authorize(page, "u-11", "once", "staff"))
                            .status());
        }
        server.database.execute("UPDATE pending_sign_in SET ends_at = now()");
        var late = browser.begin("corp", "/");
        server.database.execute("UPDATE pending_sign_in SET ends_at = now()");
        assertEquals(
                401,
                browser.finish("corp", provider.authorize(late, "u-11", "once", "staff"))
                        .status());
    }

    @Test
    void anyServerTakesTheAnswer() throws Exception {
        var second = ApiServer.open(server.database, Files.createTempDirectory("second"), settings(provider.issuer()));
        try {
            var there = new ApiClient(second.ports().getInteger("http"), server.token);
            var browser = new Browser(api);
            var callback = provider.authorize(browser.begin("corp", "/"), "u-12", "roaming", "staff");
            var moved = browser.at(there);
            assertEquals(303, moved.finish("corp", callback).status());
            assertEquals("person:roaming", session(moved).getString("name"));
        } finally {
            ApiServer.close(second);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "", "x", "/a b"
            })
    void aTargetIsAPathHere(String target) throws Exception {
        var answer = new Browser(api).send("beginOidc", null, "provider", "corp", "target", target);
        assertEquals(400, answer.status(), answer::text);
    }

    @Test
    void whatTheProviderRefusesIsToldAndSoAreTheMethods() throws Exception {
        var browser = new Browser(api);
        var state =
                provider.authorize(browser.begin("corp", "/"), "u-13", "denied").getQuery();
        var denied = URI.create("http://x/?error=access_denied&error_description=%3Cb%3E&"
                + state.replaceAll("(.*&)?(state=[^&]+).*", "$2"));
        var answer = browser.finish("corp", denied);
        assertEquals(403, answer.status(), answer::text);
        assertTrue(answer.detail().contains("access_denied"), answer::detail);
        assertEquals(404, browser.send("beginOidc", null, "provider", "gone").status());
        assertEquals(
                List.of("password", "oidc", "oidc"),
                api.ok("listSignInMethods").getJsonArray("methods").stream()
                        .map(one -> ((JsonObject) one).getString("method"))
                        .toList());
    }

    @Test
    void thePendingOnesOfAnAddressAreBounded() throws Exception {
        var browser = new Browser(api);
        var oldest = browser.begin("corp", "/");
        for (int i = 0; i < 100; i++) {
            browser.begin("corp", "/");
        }
        assertEquals(100, server.database.number("SELECT count(*) FROM pending_sign_in"));
        assertEquals(
                401,
                browser.finish("corp", provider.authorize(oldest, "u-14", "old", "staff"))
                        .status());
    }

    @Test
    void noSecretIsInTheDatabase() throws Exception {
        var browser = signedIn("u-15", "secretive", "staff");
        browser.begin("corp", "/");
        for (var table : List.of("person", "pending_sign_in", "audit_event", "person_session")) {
            var kept = server.database
                    .rows("SELECT t::text FROM %s t".formatted(table))
                    .toString();
            for (var secret : List.of(PlayedProvider.SECRET, browser.cookie().split("=", 2)[1])) {
                assertFalse(kept.contains(secret), table);
            }
        }
    }

    @Test
    void aServerStartsAndPeopleSignInWhileTheProviderIsAway() throws Exception {
        try (var away = ApiServer.start(settings("http://127.0.0.1:1"))) {
            var alice = Browser.of(away.client, away.firstAdminCode(), "alice", PASSWORD);
            var answer = new Browser(away.client).send("beginOidc", null, "provider", "corp");
            assertEquals(503, answer.status());
            assertEquals("DIRECTORY_DOWN", answer.fault());
            assertTrue(answer.detail().contains("'corp'"), answer::detail);
            assertEquals(200, alice.send("showSession", null).status());
        }
    }
}
