package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.house.TestFolders;
import org.pganalytics.identity.ldap.RealSlapd;
import org.pganalytics.tls.TestAuthority;

/** People of a directory before a whole server, with a real slapd. */
class LdapIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";
    private static final String OTHER = "walnut.harbour 9 quill";

    @TempDir
    private static Path folder;

    private static TestAuthority authority;
    private static RealSlapd slapd;
    private static ApiServer server;
    private static ApiClient api;
    private static Browser admin;

    @BeforeAll
    static void start() throws Exception {
        authority = TestAuthority.make(folder, "directory");
        slapd = RealSlapd.start(authority, authority.certify("127.0.0.1"));
        for (var name : new String[] {"carol", "dave", "erin", "frank", "nogroup"}) {
            slapd.addPerson(name, PASSWORD);
        }
        slapd.addGroup("admins", RealSlapd.person("carol"));
        slapd.addGroup("viewers", RealSlapd.person("dave"), RealSlapd.person("carol"));
        server = ApiServer.start(settings(Map.of("PGANALYTICS_IDENTITY_LDAP_URLS", slapd.tlsUrl())));
        api = server.client;
        admin = Browser.of(api, server.firstAdminCode(), "root", PASSWORD);
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (slapd != null) {
            slapd.close();
        }
    }

    private static Map<String, String> settings(Map<String, String> more) {
        var settings = new HashMap<>(Map.of(
                "PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS",
                "100000",
                "PGANALYTICS_IDENTITY_LDAP_CA_FILE",
                authority.certificate().toString(),
                "PGANALYTICS_IDENTITY_LDAP_BIND_DN",
                RealSlapd.SEARCHER,
                "PGANALYTICS_IDENTITY_LDAP_BIND_PASSWORD",
                RealSlapd.SEARCHERS_PASSWORD,
                "PGANALYTICS_IDENTITY_LDAP_USER_BASE",
                "ou=people," + RealSlapd.BASE,
                "PGANALYTICS_IDENTITY_LDAP_GROUP_BASE",
                "ou=groups," + RealSlapd.BASE,
                "PGANALYTICS_IDENTITY_LDAP_ROLES_ADMIN",
                "[\"%s\"]".formatted(RealSlapd.group("admins")),
                "PGANALYTICS_IDENTITY_LDAP_ROLES_VIEWER",
                "[\"%s\"]".formatted(RealSlapd.group("viewers")),
                "PGANALYTICS_IDENTITY_LDAP_SYNC_EVERY",
                "1s"));
        settings.putAll(more);
        return settings;
    }

    @Test
    void whoIsInAGroupSignsInWithTheHighestRoleOfTheirs() throws Exception {
        var carol = new Browser(api);
        assertEquals(201, carol.signIn("carol", PASSWORD).status());
        assertEquals("admin", carol.send("showSession", null).json().getString("role"));
        assertEquals(401, new Browser(api).signIn("carol", OTHER).status());
        assertEquals(401, new Browser(api).signIn("nogroup", PASSWORD).status());
        assertEquals(401, new Browser(api).signIn("nobody-at-all", PASSWORD).status());
    }

    @Test
    void aNameThatStandsHereIsNeverTheDirectorys() throws Exception {
        slapd.addPerson("root", OTHER);
        slapd.addMember("admins", RealSlapd.person("root"));
        var code = admin.send("addPerson", new JsonObject().put("name", "frank").put("role", "viewer"))
                .json()
                .getString("code");
        slapd.addMember("admins", RealSlapd.person("frank"));
        assertEquals(401, new Browser(api).signIn("root", OTHER).status());
        assertEquals(401, new Browser(api).signIn("frank", PASSWORD).status());
        var frank = Browser.of(api, code, "frank", OTHER);
        assertEquals("viewer", frank.send("showSession", null).json().getString("role"));
        assertEquals(201, new Browser(api).signIn("root", PASSWORD).status());
    }

    @Test
    void whoLeavesTheirGroupIsDisabledAndWhoComesBackIsNot() throws Exception {
        slapd.addMember("viewers", RealSlapd.person("erin"));
        var erin = new Browser(api);
        assertEquals(201, erin.signIn("erin", PASSWORD).status());
        slapd.removeMember("viewers", RealSlapd.person("erin"));
        eventually("the session is over", () -> erin.send("showSession", null).status() == 401);
        assertEquals(401, new Browser(api).signIn("erin", PASSWORD).status());
        slapd.addMember("viewers", RealSlapd.person("erin"));
        eventually("erin is back", () -> person("erin").getString("disabled_at") == null);
        assertEquals(201, new Browser(api).signIn("erin", PASSWORD).status());
        assertEquals(
                "[[person.add], [person.disable], [person.enable]]",
                server.database
                        .rows("SELECT action FROM audit_event WHERE target = 'person:erin'"
                                + " AND action <> 'person.sign-in' ORDER BY id")
                        .toString());
    }

    @Test
    void whomAnAdminDisabledTheSyncDoesNotEnable() throws Exception {
        var dave = new Browser(api);
        assertEquals(201, dave.signIn("dave", PASSWORD).status());
        admin.send("setDisabled", new JsonObject().put("disabled", true), "person", "dave");
        assertEquals(401, dave.signIn("dave", PASSWORD).status());
        sync(server, "--dry-run");
        sync(server);
        assertTrue(person("dave").getString("disabled_at") != null);
        admin.send("setDisabled", new JsonObject().put("disabled", false), "person", "dave");
        assertEquals(201, dave.signIn("dave", PASSWORD).status());
        for (var operation : List.of("resetPassword", "setRole")) {
            var body = operation.equals("setRole") ? new JsonObject().put("role", "admin") : null;
            assertEquals(409, admin.send(operation, body, "person", "dave").status(), "the directory has it");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "c*", "carol)(uid=*", "\\2a", "carol\u0000", "\u0000", "a)(uid=*"})
    void noNameIsReadAsAFilter(String name) throws Exception {
        assertEquals(401, new Browser(api).signIn(name, PASSWORD).status());
    }

    @Test
    void noPasswordIsNoPassword() throws Exception {
        assertEquals(400, new Browser(api).signIn("carol", "").status());
        assertEquals(401, new Browser(api).signIn("carol", " ").status());
        assertEquals(401, new Browser(api).signIn("carol", "\u0000").status());
    }

    @Test
    void noTellsNeitherByItsTextNorByItsTimeWhoIsThere() throws Exception {
        var took = new ArrayList<Long>();
        for (var name : List.of("root", "carol", "nogroup", "nobody-at-all")) {
            long began = System.nanoTime();
            var answer = new Browser(api).signIn(name, OTHER + "!");
            took.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
            assertEquals("401 the name or the password is wrong", answer.status() + " " + answer.detail());
        }
        assertTrue(took.stream().allMatch(millis -> millis >= 1_000), took::toString);
    }

    @Test
    void whileTheDirectoryIsAwayWhoHasAnAccountHereSignsIn() throws Exception {
        slapd.kill();
        try {
            assertEquals(201, new Browser(api).signIn("root", PASSWORD).status());
            for (var name : List.of("carol", "nobody-at-all", "root")) {
                var away = new Browser(api).signIn(name, OTHER);
                assertEquals(503, away.status(), name);
                assertTrue(away.text().contains("DIRECTORY_DOWN"), away::text);
            }
            sync(1, server);
        } finally {
            slapd.startAgain();
        }
        assertEquals(201, new Browser(api).signIn("carol", PASSWORD).status());
        assertEquals(
                "[[DIRECTORY_DOWN], [ok]]",
                server.database
                        .rows("SELECT DISTINCT outcome FROM audit_event WHERE target = 'person:carol'"
                                + " AND action = 'person.sign-in' AND outcome IN ('ok', 'DIRECTORY_DOWN') ORDER BY 1")
                        .toString());
        assertTrue(person("carol").getString("disabled_at") == null, "nobody was disabled for it");
    }

    @Test
    void whoWasLinkedIsTheDirectorys() throws Exception {
        slapd.addPerson("moved", PASSWORD);
        var code = admin.send("addPerson", new JsonObject().put("name", "moved").put("role", "viewer"))
                .json()
                .getString("code");
        var before = Browser.of(api, code, "moved", OTHER);
        slapd.addMember("admins", RealSlapd.person("moved"));
        assertEquals(401, new Browser(api).signIn("moved", PASSWORD).status());
        beside(0, "people", "link", "moved");
        assertEquals(401, before.send("showSession", null).status(), "its session is over");
        assertEquals(401, new Browser(api).signIn("moved", OTHER).status());
        var moved = new Browser(api);
        assertEquals(201, moved.signIn("moved", PASSWORD).status());
        assertEquals("admin", moved.send("showSession", null).json().getString("role"));
        beside(0, "people", "unlink", "moved");
        assertEquals(401, new Browser(api).signIn("moved", PASSWORD).status());
    }

    @Test
    void aDryRunTellsWhatASyncDoes() throws Exception {
        try (var database = TestDatabase.create().migrated()) {
            var planned = beside(0, database, "people", "sync", "--dry-run");
            assertTrue(planned.contains("would add carol as admin"), planned);
            assertEquals(0, database.number("SELECT count(*) FROM person"));
            assertEquals(planned.replace("would ", "did "), beside(0, database, "people", "sync"));
            assertEquals(0, database.number("SELECT count(*) FROM person WHERE source = 'local'"));
            assertEquals(
                    database.number("SELECT count(*) FROM person"),
                    database.number("SELECT count(*) FROM audit_event WHERE action = 'person.add'"
                            + " AND actor LIKE 'cli:%'"));
            assertFalse(beside(0, database, "people", "sync", "--dry-run").contains("would"), "it is all done");
        }
    }

    @Test
    void noPasswordIsInTheDatabase() throws Exception {
        assertEquals(201, new Browser(api).signIn("carol", PASSWORD).status());
        for (var table : List.of("person", "person_session", "sign_in_failure", "audit_event")) {
            var kept = server.database
                    .rows("SELECT t::text FROM %s t".formatted(table))
                    .toString();
            for (var secret : List.of(PASSWORD, RealSlapd.SEARCHERS_PASSWORD)) {
                assertFalse(kept.contains(secret), table);
            }
        }
    }

    private static void sync(ApiServer server, String... more) throws Exception {
        sync(0, server, more);
    }

    private static void sync(int code, ApiServer server, String... more) throws Exception {
        var words = new ArrayList<>(List.of("people", "sync"));
        words.addAll(List.of(more));
        beside(code, server.database, words.toArray(String[]::new));
    }

    private static String beside(int code, String... words) throws Exception {
        return beside(code, server.database, words);
    }

    private static String beside(int code, TestDatabase database, String... words) throws Exception {
        var ldap = """
                identity.ldap {
                  urls = ["%s"]
                  ca-file = "%s"
                  bind-dn = "%s"
                  bind-password = "%s"
                  user-base = "ou=people,%s"
                  group-base = "ou=groups,%5$s"
                  roles { admin = ["%s"], viewer = ["%s"] }
                }
                """.formatted(
                        slapd.tlsUrl(),
                        authority.certificate(),
                        RealSlapd.SEARCHER,
                        RealSlapd.SEARCHERS_PASSWORD,
                        RealSlapd.BASE,
                        RealSlapd.group("admins"),
                        RealSlapd.group("viewers"));
        return new BesideDatabase(database, TestFolders.make("beside"), ldap).run(code, words);
    }

    private static JsonObject person(String name) throws Exception {
        return admin.send("showPerson", null, "person", name).json();
    }

    private static void eventually(String what, Callable<Boolean> done) {
        Awaitility.await(what).atMost(Duration.ofSeconds(20)).until(done);
    }
}
