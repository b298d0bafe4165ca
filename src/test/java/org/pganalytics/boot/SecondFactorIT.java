package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.identity.factor.TotpCodes;

/** People with an authenticator, before a whole server on an external database. */
class SecondFactorIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";

    private static ApiServer server;
    private static ApiClient api;
    private static Browser admin;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of(
                "PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS", "100000",
                "PGANALYTICS_SECRETS_KEYS", "key k-test " + "A".repeat(43) + "=",
                "PGANALYTICS_IDENTITY_SECOND_FACTOR_ROLES", "operator"));
        api = server.client;
        admin = Browser.of(api, server.firstAdminCode(), "root", PASSWORD);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Browser person(String name, String role) throws Exception {
        var added = admin.send("addPerson", new JsonObject().put("name", name).put("role", role));
        assertEquals(201, added.status(), added::text);
        return Browser.of(api, added.json().getString("code"), name, PASSWORD);
    }

    private static int signIn(String name, String code) {
        try {
            return new Browser(api).signIn(name, PASSWORD, code).status();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonObject code(String code) {
        return new JsonObject().put("code", code);
    }

    private record Enrolled(String key, List<String> recovery) {}

    private static Enrolled enrol(Browser person) throws Exception {
        var begun = person.send("beginSecondFactor", null);
        assertEquals(201, begun.status(), begun::text);
        var key = begun.json().getString("key");
        var added = person.send("addSecondFactor", code(TotpCodes.now(key)));
        assertEquals(201, added.status(), added::text);
        var recovery = added.json().getJsonArray("recovery_codes").stream()
                .map(String::valueOf)
                .toList();
        return new Enrolled(key, recovery);
    }

    private static List<String> outcomes(String name) {
        var sql = "SELECT action || ' ' || outcome FROM audit_event WHERE actor = 'person:%s'";
        return texts(sql.formatted(name));
    }

    private static List<String> texts(String sql) {
        return server.database.rows(sql).stream()
                .map(row -> String.valueOf(row.get(0)))
                .toList();
    }

    /** All that every table of the database has, as text. */
    private static String everything() {
        var tables = texts("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                + " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
        assertTrue(tables.size() > 20, tables::toString);
        return tables.stream()
                .map(table -> texts("SELECT t::text FROM %s t".formatted(table)).toString())
                .collect(Collectors.joining("\n"));
    }

    private static void ageSessionsOf(String name) {
        var sql = "UPDATE person_session SET confirmed_at = now() - interval '16 min'"
                + " WHERE person = (SELECT id FROM person WHERE name = '%s')";
        server.database.execute(sql.formatted(name));
    }

    @Test
    void itIsAskedForOnceItWasShownAndTakenOnce() throws Exception {
        var person = person("carol", "viewer");
        var begun = person.send("beginSecondFactor", null).json();
        assertTrue(begun.getString("uri").contains(begun.getString("key")));
        assertTrue(begun.getString("qr_svg").startsWith("<svg "));
        assertEquals(201, new Browser(api).signIn("carol", PASSWORD).status(), "begun is not added");
        assertEquals(401, person.send("addSecondFactor", code("000000")).status());
        var key = begun.getString("key");
        assertEquals(
                201, person.send("addSecondFactor", code(TotpCodes.now(key))).status());

        var without = new Browser(api).signIn("carol", PASSWORD);
        assertEquals(403, without.status());
        assertTrue(without.text().contains("'code' is missing"), without::text);
        assertEquals(401, signIn("carol", TotpCodes.now(key)), "was shown before");
        assertEquals(401, signIn("carol", "123456"));
        assertEquals(
                401,
                new Browser(api)
                        .signIn("carol", "wrong" + PASSWORD, TotpCodes.next(key))
                        .status());
        var next = TotpCodes.next(key);
        assertEquals(201, signIn("carol", next));
        assertEquals(401, signIn("carol", next), "a replay");
        assertTrue(
                outcomes("carol").containsAll(List.of("person.add-second-factor ok", "person.sign-in PROOF_WANTED")));
    }

    @Test
    void oneCodeOpensOneSessionHoweverManyTryItAtOnce() throws Exception {
        var enrolled = enrol(person("dave", "viewer"));
        var next = TotpCodes.next(enrolled.key());
        var statuses = IntStream.range(0, 4)
                .parallel()
                .mapToObj(i -> signIn("dave", next))
                .toList();
        assertEquals(1, statuses.stream().filter(status -> status == 201).count(), statuses::toString);
    }

    @Test
    void aRecoveryCodeOpensOnceAndStandsNowhere() throws Exception {
        var enrolled = enrol(person("erin", "viewer"));
        assertEquals(10, Set.copyOf(enrolled.recovery()).size());
        var one = enrolled.recovery().get(0);
        assertEquals(201, signIn("erin", one.toUpperCase(Locale.ROOT)));
        assertEquals(401, signIn("erin", one));
        assertEquals(201, signIn("erin", enrolled.recovery().get(1)));
        var dump = everything();
        assertFalse(dump.contains(enrolled.recovery().get(2)));
        assertFalse(dump.contains(enrolled.key()));
        assertFalse(dump.contains(HexFormat.of().formatHex(enrolled.key().getBytes(StandardCharsets.US_ASCII))));
    }

    @Test
    void whoseRoleTakesOneDoesNothingElseBefore() throws Exception {
        var operator = person("frank", "operator");
        var refused = operator.send("listCollectors", null);
        assertEquals(403, refused.status());
        assertTrue(refused.text().contains("takes a second factor"), refused::text);
        assertTrue(operator.send("showSession", null).json().getBoolean("lacks_second_factor"));
        var token = new JsonObject()
                .put("name", "a-way-around")
                .put("scopes", new JsonArray().add("fleet.read"))
                .put("ends_at", Instant.now().plus(Duration.ofDays(1)).toString());
        assertEquals(403, operator.send("createOwnToken", token).status());
        var enrolled = enrol(operator);
        assertEquals(200, operator.send("listCollectors", null).status());
        assertEquals(409, operator.send("removeSecondFactor", null).status(), "the role takes one");
        var again = new Browser(api);
        assertEquals(
                201,
                again.signIn("frank", PASSWORD, TotpCodes.next(enrolled.key())).status());
        assertEquals(200, again.send("listCollectors", null).status());
    }

    @Test
    void anAdminTakesALostOneAway() throws Exception {
        var person = person("grace", "viewer");
        enrol(person);
        assertEquals(
                204, admin.send("resetSecondFactor", null, "person", "grace").status());
        assertEquals(401, person.send("showSession", null).status(), "its sessions are over");
        assertEquals(201, new Browser(api).signIn("grace", PASSWORD).status());
        assertEquals(
                404, admin.send("resetSecondFactor", null, "person", "grace").status());
        assertEquals(
                404, admin.send("resetSecondFactor", null, "person", "nobody").status());
    }

    @Test
    void whatCouldDoMuchHarmTakesAFreshProof() throws Exception {
        var added =
                admin.send("addPerson", new JsonObject().put("name", "heidi").put("role", "admin"));
        var heidi = Browser.of(api, added.json().getString("code"), "heidi", PASSWORD);
        var enrolled = enrol(heidi);
        ageSessionsOf("heidi");
        var wanted =
                heidi.send("addPerson", new JsonObject().put("name", "ivan").put("role", "viewer"));
        assertEquals(403, wanted.status());
        assertTrue(wanted.text().contains("prove who you are"), wanted::text);
        assertEquals(200, heidi.send("listPeople", null).status(), "reading goes on");
        assertEquals(403, heidi.send("removeSecondFactor", null).status());
        assertEquals(
                403,
                heidi.send("confirmSession", new JsonObject().put("password", PASSWORD))
                        .status());
        assertEquals(401, heidi.send("confirmSession", code("000000")).status());
        assertEquals(
                204,
                heidi.send("confirmSession", code(TotpCodes.next(enrolled.key())))
                        .status());
        assertEquals(
                201,
                heidi.send("addPerson", new JsonObject().put("name", "ivan").put("role", "viewer"))
                        .status());
        assertEquals(204, heidi.send("removeSecondFactor", null).status());
        assertEquals(201, new Browser(api).signIn("heidi", PASSWORD).status());
    }

    @Test
    void whoHasNoneProvesByThePassword() throws Exception {
        var person = person("judy", "viewer");
        ageSessionsOf("judy");
        assertEquals(403, person.send("beginSecondFactor", null).status());
        assertEquals(403, person.send("confirmSession", new JsonObject()).status());
        assertEquals(
                401,
                person.send("confirmSession", new JsonObject().put("password", "no" + PASSWORD))
                        .status());
        assertEquals(
                204,
                person.send("confirmSession", new JsonObject().put("password", PASSWORD))
                        .status());
        assertEquals(201, person.send("beginSecondFactor", null).status());
    }

    @Test
    void codesAreNotGuessed() throws Exception {
        var enrolled = enrol(person("kim", "viewer"));
        var statuses = IntStream.range(0, 7)
                .mapToObj(guess -> signIn("kim", "%06d".formatted(guess)))
                .toList();
        assertTrue(statuses.contains(429), statuses::toString);
        assertNotEquals(201, signIn("kim", TotpCodes.next(enrolled.key())));
    }

    @Test
    void aKeyThatWasMovedToSomebodyElseOpensNothing() throws Exception {
        var mallory = enrol(person("mallory", "viewer"));
        enrol(person("victim", "viewer"));
        server.database.execute(
                "UPDATE person_totp t SET secret = (SELECT secret FROM person_totp m JOIN person p ON p.id ="
                        + " m.person WHERE p.name = 'mallory') FROM person v WHERE v.id = t.person AND v.name = 'victim'");
        assertEquals(500, signIn("victim", TotpCodes.next(mallory.key())));
    }

    @Test
    void withoutKeysNothingIsKeptThatWouldHaveToBeSealed() throws Exception {
        var bare = ApiServer.start(Map.of());
        try {
            var root = Browser.of(bare.client, bare.firstAdminCode(), "root", PASSWORD);
            var refused = root.send("beginSecondFactor", null);
            assertEquals(409, refused.status());
            assertTrue(refused.text().contains("secrets.keys-file"), refused::text);
        } finally {
            bare.close();
        }
    }
}
