package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.http.Contract;
import org.pganalytics.http.Operation;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.tls.CertificateRequests;
import org.pganalytics.wire.NativeJson;
import org.pganalytics.wire.v3.V3Binary;

/** Each operation of docs/openapi.yaml, those of the doors included, does its work once and refuses once, as it says. */
class EveryOperationIT {
    private static final FamilySchema SCHEMA =
            FamilySchema.of("pg_locks", List.of(new Column("lock_count", ColumnType.INT8, ColumnRole.GAUGE)));
    /** Collectors of version 3 ask for the first, and are always told that there is none; OidcIT has the others. */
    private static final Set<String> WITHOUT_SUCCESS = Set.of("pullConfig", "beginOidc", "finishOidc");
    /** They take anything from anybody. */
    private static final Set<String> WITHOUT_ERROR = Set.of("contract", "health", "listSignInMethods");

    private static ApiServer server;
    private static ApiClient api;
    private static JsonObject collector;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.startWithAuthority(Map.of("PGANALYTICS_SECRETS_KEYS", "key k-test " + "A".repeat(43) + "="));
        api = server.client;
        collector = api.register(ApiServer.SECRET, "every");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Map<String, String> headers(String... more) {
        var headers = new HashMap<>(Map.of("Content-Type", "application/json"));
        headers.put("Authorization", "Bearer " + collector.getString("token"));
        for (int i = 0; i < more.length; i += 2) {
            headers.put(more[i], more[i + 1]);
        }
        return headers;
    }

    private static JsonObject done(int status, ApiClient.Answer answer) {
        assertEquals(status, answer.status(), answer::text);
        return status == 204 || !answer.text().startsWith("{") ? new JsonObject() : answer.json();
    }

    private static void change(int status, String operation, JsonObject body, String... parameters) throws Exception {
        done(status, api.ask(operation, body, parameters));
    }

    @Test
    void eachSucceedsAndRefusesAsTheContractSays() throws Exception {
        theDoors();
        people();
        collectorsAndSecrets();
        profiles();
        whatIsStored();
        theQuarantine();
        theEndOfACollector();
        refusals();
        assertEquals(WITHOUT_SUCCESS, without(status -> status < 400), "no success of these was seen");
        assertEquals(WITHOUT_ERROR, without(status -> status >= 400), "no refusal of these was seen");
    }

    private static Set<String> without(IntPredicate wanted) {
        var missing = new TreeSet<String>();
        for (var operation : Contract.ofClassPath().operations()) {
            var seen = api.statuses.getOrDefault(operation.id(), Set.of());
            if (seen.stream().mapToInt(Integer::intValue).noneMatch(wanted)) {
                missing.add(operation.id());
            }
        }
        return missing;
    }

    private static void theDoors() throws Exception {
        done(200, api.send("health", Map.of(), new byte[0]));
        done(200, api.send("contract", Map.of(), new byte[0]));
        var secret = new JsonObject()
                .put("collector_id", collector.getString("collector_id"))
                .put("refresh_secret", collector.getString("refresh_secret"));
        var refreshed = api.send("refreshToken", Map.of("Content-Type", "application/json"), bytes(secret));
        collector.put("token", done(200, refreshed).getString("token"));
        done(
                200,
                api.send(
                        "position",
                        headers(),
                        new byte[0],
                        "instance",
                        UUID.randomUUID().toString()));
        var pushed = api.send("push", headers(), batch(1).getBytes());
        assertEquals("stored", done(200, pushed).getString("outcome"));
        assertEquals(
                "duplicate",
                done(200, api.send("push", headers(), batch(1).getBytes())).getString("outcome"));
        assertEquals(409, api.send("push", headers(), batch(9).getBytes()).status());
        var binary = V3Binary.body(new JsonObject().put("collector_id", "c").put("metrics", new JsonArray()), true);
        done(200, api.send("pushBinary", headers("Content-Type", "application/octet-stream"), binary));
        assertEquals(400, api.send("certifyCollector", headers(), new byte[0]).status());
        var request = CertificateRequests.request(CertificateRequests.newKey(), "every");
        done(
                200,
                api.send(
                        "certifyCollector",
                        headers(),
                        bytes(new JsonObject()
                                .put("request", request)
                                .put("refresh_secret", collector.getString("refresh_secret")))));
        done(200, api.send("pullOwnConfig", headers(), new byte[0]));
        done(204, api.send("reportOwnConfig", headers(), bytes(new JsonObject().put("running", ""))));
        done(404, api.send("pullConfig", headers(), new byte[0], "id", "c"));
    }

    private static void people() throws Exception {
        var password = "gravel-otter-71-lantern";
        var added = new JsonObject().put("name", "every.one").put("role", "viewer");
        var code = done(201, api.ask("addPerson", added)).getString("code");
        var browser = Browser.of(api, code, "every.one", password);
        done(200, browser.send("showSession", null));
        var sessions = done(200, browser.send("listOwnSessions", null)).getJsonArray("sessions");
        done(
                204,
                browser.send(
                        "changePassword",
                        new JsonObject().put("current", password).put("new", "another " + password)));
        done(
                204,
                browser.send(
                        "endOwnSession",
                        null,
                        "session",
                        sessions.getJsonObject(0).getString("id")));
        done(201, browser.signIn("every.one", "another " + password));
        tokens(browser);
        SecondFactorWalk.walk(api, browser, "every.one", "another " + password);
        done(201, browser.signIn("every.one", "another " + password));
        done(204, browser.send("signOut", null));
        api.ok("listSignInMethods");
        api.ok("listPeople");
        api.ok("showPerson", "person", "every.one");
        api.ok("exportPerson", "person", "every.one");
        api.ok("showReport", "report", "access-review");
        change(200, "setRole", new JsonObject().put("role", "auditor"), "person", "every.one");
        change(200, "setDisabled", new JsonObject().put("disabled", true), "person", "every.one");
        change(201, "resetPassword", null, "person", "every.one");
    }

    private static void tokens(Browser browser) throws Exception {
        var wish = new JsonObject()
                .put("name", "every")
                .put("scopes", new JsonArray().add("fleet.read"))
                .put("ends_at", Instant.now().plusSeconds(60).toString());
        var own = done(201, browser.send("createOwnToken", wish));
        done(200, browser.send("listOwnTokens", null));
        done(204, browser.send("revokeOwnToken", null, "token", own.getString("id")));
        var service = done(201, api.ask("createServiceToken", wish));
        api.ok("listTokens");
        done(204, api.ask("revokeToken", null, "token", service.getString("id")));
    }

    private static io.vertx.core.buffer.Buffer batch(long sequence) {
        var counts = new ColumnVector.Longs(new long[] {4, 5}, new BitSet());
        var block = new ColumnBlock(SCHEMA, "every", 1_000 * START, 2, List.of(counts));
        return NativeJson.encode(new BatchPosition(1, sequence, sequence), List.of(), List.of(block));
    }

    private static final long START = System.currentTimeMillis();

    private static byte[] bytes(JsonObject body) {
        return body.toBuffer().getBytes();
    }

    private static void collectorsAndSecrets() throws Exception {
        var id = collector.getString("collector_id");
        api.ok("listCollectors");
        api.ok("showCollector", "collector", id);
        var limits = api.ok("showLimits", "collector", id);
        change(200, "setLimits", limits, "collector", id);
        api.ok("showLabels", "collector", id);
        change(200, "setLabels", new JsonObject().put("labels", new JsonObject().put("a", "b")), "collector", id);
        change(201, "createSecret", new JsonObject().put("name", "every"));
        api.ok("listSecrets");
        done(204, api.ask("revokeSecret", null, "name", "every"));
    }

    private static void profiles() throws Exception {
        change(201, "addProfileVersion", new JsonObject().put("document", "cpu-budget = 1"), "profile", "p");
        change(201, "addProfileVersion", new JsonObject().put("document", "cpu-budget = 2"), "profile", "p");
        api.ok("listProfiles");
        api.ok("listProfileVersions", "profile", "p");
        api.ok("showProfileVersion", "profile", "p", "version", "1");
        change(200, "assignProfile", new JsonObject().put("version", 1), "profile", "p");
        change(200, "assignProfile", new JsonObject().put("version", 2), "profile", "p");
        api.ok("listAssignments");
        api.ok("listRollOut");
        change(200, "rollBackProfile", new JsonObject(), "profile", "p");
        change(204, "unassignProfile", new JsonObject(), "profile", "p");
    }

    private static void whatIsStored() throws Exception {
        var target =
                api.ok("listTargets", "name", "every").getJsonArray("targets").getJsonObject(0);
        var id = target.getValue("target_id").toString();
        api.ok("showTarget", "target", id);
        api.ok("listFamilies");
        api.ok("showFamily", "family", "pg_locks");
        assertEquals(
                2,
                api.ok("listRows", "family", "pg_locks", "target", id)
                        .getJsonArray("rows")
                        .size());
        api.ok("listBuckets", "family", "pg_locks", "target", id, "bucket", "5m");
        api.ok("listTop", "family", "pg_stat_database", "target", id, "by", "xact_commit");
        api.ok("fleetOverview");
        api.ok("ingestStatus");
        server.database.execute("INSERT INTO series_count VALUES ((now() AT TIME ZONE 'UTC')::date,"
                + " '%s', 'pg_locks', '%s', 7, 9, 0, 0)"
                        .formatted(collector.getString("collector_id"), UUID.randomUUID()));
        assertEquals(1, api.ok("listCardinality").getJsonArray("entries").size());
    }

    private static void theQuarantine() throws Exception {
        for (int sequence = 2; sequence <= 3; sequence++) {
            server.database.execute(
                    "INSERT INTO quarantine (collector_id, epoch, sequence, covers_from, fault, detail, digest, rows,"
                            + " media_type, body_bytes, body) VALUES ('%s', 1, %d, %d, 'BAD_DATA', 'x', '', 2, '%s', 1,"
                                    .formatted(
                                            collector.getString("collector_id"),
                                            sequence,
                                            sequence,
                                            NativeJson.MEDIA_TYPE)
                            + " convert_to('%s', 'UTF8'))".formatted(batch(sequence)));
        }
        var batches = api.ok("listQuarantine").getJsonArray("batches");
        var first = batches.getJsonObject(0).getString("id");
        api.ok("showQuarantined", "batch", first);
        api.ok("replayQuarantined", "batch", first);
        api.ok("discardQuarantined", "batch", batches.getJsonObject(1).getString("id"));
    }

    private static void theEndOfACollector() throws Exception {
        var id = collector.getString("collector_id");
        change(409, "deleteCollector", null, "collector", id);
        change(200, "revokeCollector", new JsonObject(), "collector", id);
        change(204, "deleteCollector", null, "collector", id);
    }

    /** Each is asked by a stranger; those that take strangers, with what is wrong. */
    private static void refusals() throws Exception {
        for (var operation : Contract.ofClassPath().operations()) {
            if (!WITHOUT_ERROR.contains(operation.id())) {
                var refused = api.send(operation.id(), Optional.of("nobody's"), "{}", parameters(operation));
                assertTrue(refused.status() >= 400 && refused.status() < 500, () -> operation.id() + refused.text());
                assertTrue(refused.json().containsKey("detail"), operation.id());
            }
        }
    }

    private static String[] parameters(Operation operation) {
        return java.util.Arrays.stream(operation.route().split("/"))
                .filter(part -> part.startsWith(":"))
                .flatMap(part -> java.util.stream.Stream.of(part.substring(1), "1"))
                .toArray(String[]::new);
    }
}
