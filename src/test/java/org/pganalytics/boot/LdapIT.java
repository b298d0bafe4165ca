package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

    private static JsonObject person(String name) throws Exception {
        return admin.send("showPerson", null, "person", name).json();
    }

    private static void eventually(String what, Callable<Boolean> done) {
        Awaitility.await(what).atMost(Duration.ofSeconds(20)).until(done);
    }
}
