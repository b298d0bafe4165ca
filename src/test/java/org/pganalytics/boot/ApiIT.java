package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Collectors, secrets and targets over the API of a whole server, each answer held to the contract. */
class ApiIT {
    private static ApiServer server;
    private static ApiClient api;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of());
        api = server.client;
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static UUID add(String name) {
        var id = UUID.randomUUID();
        server.database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', '%s')"
                .formatted(id, name.replace("'", "''")));
        return id;
    }

    private static List<String> values(JsonArray entries, String key) {
        return entries.stream()
                .map(entry -> ((JsonObject) entry).getValue(key).toString())
                .toList();
    }

    private static String audited(String action) {
        return server.database
                .rows("SELECT actor, target FROM audit_event WHERE action = '%s' ORDER BY id DESC LIMIT 1"
                        .formatted(action))
                .toString();
    }

    @Test
    void theContractIsServedAsItIsWrittenToWhoeverAsks() throws Exception {
        var answer = api.send("contract", Optional.empty(), "");
        assertEquals(Files.readString(Path.of("docs/openapi.yaml")), answer.text());
    }

    @Test
    void onlyAnAdminTokenOpensTheApi() throws Exception {
        for (var wrong : List.of(Optional.<String>empty(), Optional.of("x"), Optional.of(server.token + "x"))) {
            var answer = api.send("listCollectors", wrong, "");
            assertEquals(401, answer.status());
            assertEquals(
                    "Bearer",
                    answer.response().headers().firstValue("WWW-Authenticate").orElseThrow());
            assertFalse(answer.text().contains(server.token));
        }
        var collector = register();
        var answer = api.send("listCollectors", Optional.of(collector.getString("token")), "");
        assertEquals(403, answer.status(), answer::text);
        assertTrue(answer.detail().contains("collector:" + collector.getString("collector_id")), answer::detail);
        assertEquals(
                "[[1, true]]",
                server.database
                        .rows("SELECT count(*), bool_and(octet_length(hash) = 32) FROM admin_token")
                        .toString());
    }

    private static JsonObject register() throws Exception {
        var url = java.net.URI.create("http://127.0.0.1:%d/api/v1/collectors/register".formatted(server.port()));
        var request = java.net.http.HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .header("X-Registration-Secret", ApiServer.SECRET)
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{\"name\":\"a real one\"}"))
                .build();
        return new JsonObject(java.net.http.HttpClient.newHttpClient()
                .send(request, java.net.http.HttpResponse.BodyHandlers.ofString())
                .body());
    }

    @Test
    void aCollectorIsShownLimitedRevokedAndDeleted() throws Exception {
        var id = add("to go").toString();
        server.database.execute("INSERT INTO target (collector_id, name) VALUES ('%s', 'its target')".formatted(id));
        assertEquals("active", api.ok("showCollector", "collector", id).getString("state"));
        assertEquals("{}", withoutNulls(api.ok("showLimits", "collector", id)));

        var limits = new JsonObject()
                .put("rows_per_second", 12.5)
                .put("burst_rows", "9007199254740993".substring(0, 15))
                .put("bytes_per_second", null)
                .put("burst_bytes", null);
        var set = api.ask("setLimits", limits, "collector", id);
        assertEquals(limits, set.json());
        assertEquals(limits, api.ok("showLimits", "collector", id));
        assertEquals("[[admin:bootstrap, %s]]".formatted(id), audited("collector.limits"));

        assertEquals(409, api.ask("deleteCollector", null, "collector", id).status());
        var revoked = api.ask("revokeCollector", new JsonObject().put("reason", "gone"), "collector", id);
        assertEquals("revoked", revoked.json().getString("state"));
        assertEquals("[[admin:bootstrap, %s]]".formatted(id), audited("collector.revoke"));
        assertEquals(204, api.ask("deleteCollector", null, "collector", id).status());
        assertEquals("[[admin:bootstrap, %s]]".formatted(id), audited("collector.delete"));
        assertEquals(404, api.ask("showCollector", null, "collector", id).status());
        assertEquals(404, api.ask("deleteCollector", null, "collector", id).status());
        assertEquals(0, server.database.number("SELECT count(*) FROM target WHERE name = 'its target'"));
    }

    private static String withoutNulls(JsonObject json) {
        var copy = json.copy();
        json.fieldNames().stream().filter(name -> json.getValue(name) == null).forEach(copy::remove);
        return copy.encode();
    }

    @Test
    void limitsThatCannotBeAreRefused() throws Exception {
        var id = add("limited").toString();
        var good = new JsonObject(
                "{\"rows_per_second\":1,\"burst_rows\":\"1\",\"bytes_per_second\":1,\"burst_bytes\":\"1\"}");
        for (var wrong : List.of(
                good.copy().put("rows_per_second", 0),
                good.copy().put("rows_per_second", -1),
                good.copy().put("rows_per_second", "NaN"),
                good.copy().put("burst_rows", 1),
                good.copy().put("burst_rows", "0"),
                good.copy().put("burst_rows", "99999999999999999999"),
                good.copy().put("more", 1),
                new JsonObject())) {
            assertEquals(400, api.ask("setLimits", wrong, "collector", id).status(), wrong::encode);
        }
        var big = new JsonObject().put("reason", "x".repeat(70_000));
        assertEquals(413, api.ask("revokeCollector", big, "collector", id).status());
        assertEquals("active", api.ok("showCollector", "collector", id).getString("state"));
    }

    @Test
    void pagesHoldEachCollectorOnceWhileOthersAreAdded() throws Exception {
        var prefix = UUID.randomUUID().toString();
        var there = new HashSet<String>();
        IntStream.range(0, 30)
                .forEach(i -> there.add(add(i % 3 == 0 ? prefix : prefix + i).toString()));
        for (var sort : List.of("name", "-name", "registered_at", "-registered_at")) {
            var seen = new ArrayList<String>();
            var page = api.ok("listCollectors", "sort", sort, "limit", "7");
            for (int pages = 0; ; pages++) {
                seen.addAll(values(page.getJsonArray("collectors"), "collector_id"));
                if (page.getString("next") == null) {
                    break;
                }
                add(prefix + "late" + pages);
                page = api.ok("listCollectors", "sort", sort, "limit", "7", "cursor", page.getString("next"));
            }
            assertEquals(seen.size(), new HashSet<>(seen).size(), sort + ": one came twice");
            assertTrue(seen.containsAll(there), sort + ": one is missing");
        }
    }

    @Test
    void collectorsAreFoundByNameStateAndSilence() throws Exception {
        var name = "o'brien \"; DROP TABLE collector; --%_ü😀";
        var quiet = add(name).toString();
        var seen = add(name).toString();
        server.database.execute(
                "UPDATE collector SET last_seen_at = '2026-01-02T03:04:05Z' WHERE collector_id = '%s'".formatted(seen));
        assertEquals(2, found("name", name).size());
        assertEquals(List.of(quiet), found("name", name, "seen_before", "2026-01-02T03:04:05Z"));
        assertEquals(
                2,
                found("name", name, "seen_before", "2026-01-02T04:04:06+01:00").size());
        assertEquals(List.of(), found("name", name, "state", "revoked"));
        assertEquals(List.of(), found("name", "nobody is called so"));
    }

    private static List<String> found(String... conditions) throws Exception {
        return values(api.ok("listCollectors", conditions).getJsonArray("collectors"), "collector_id");
    }

    @Test
    void aSecretIsShownOnceAndHoldsUntilItIsRevoked() throws Exception {
        var made = api.ask("createSecret", new JsonObject().put("name", "ci").put("days", 7));
        assertEquals(201, made.status(), made::text);
        var secret = made.json().getString("secret");
        assertEquals(43, secret.length());
        assertEquals("[[admin:bootstrap, ci]]", audited("registration-secret.add"));
        var listed = api.ok("listSecrets");
        assertTrue(values(listed.getJsonArray("secrets"), "name").contains("ci"));
        assertFalse(listed.encode().contains(secret));
        assertEquals(
                400, api.ask("createSecret", new JsonObject().put("name", "ci")).status());
        assertEquals(204, api.ask("revokeSecret", null, "name", "ci").status());
        assertEquals(404, api.ask("revokeSecret", null, "name", "ci").status());
    }

    @Test
    void targetsAreListedInPagesAndFound() throws Exception {
        var collector = add("watcher").toString();
        server.database.execute(
                "INSERT INTO target (collector_id, name) SELECT '%s', 'db-' || n FROM generate_series(1, 25) n"
                        .formatted(collector));
        var seen = new ArrayList<String>();
        var page = api.ok("listTargets", "collector", collector, "limit", "10");
        while (page.getString("next") != null) {
            seen.addAll(values(page.getJsonArray("targets"), "name"));
            page = api.ok("listTargets", "collector", collector, "limit", "10", "cursor", page.getString("next"));
        }
        seen.addAll(values(page.getJsonArray("targets"), "name"));
        assertEquals(IntStream.rangeClosed(1, 25).mapToObj(n -> "db-" + n).toList(), seen);
        var one = api.ok("listTargets", "collector", collector, "name", "db-7").getJsonArray("targets");
        assertEquals(1, one.size());
        var shown = api.ok(
                "showTarget",
                "target",
                one.getJsonObject(0).getValue("target_id").toString());
        assertEquals(one.getJsonObject(0), shown);
        assertEquals(404, api.ask("showTarget", null, "target", "2147483647").status());
        assertEquals(400, api.ask("showTarget", null, "target", "2147483648").status());
    }

    @Test
    void aServerThatComesLaterMakesNoSecondFirstToken() throws Exception {
        var second = ApiServer.open(server.database, Files.createTempDirectory("second"), Map.of());
        try {
            assertEquals(Optional.empty(), second.first().adminToken());
            var there = new ApiClient(second.ports().getInteger("http"), server.token);
            assertTrue(there.ok("listSecrets").containsKey("secrets"));
        } finally {
            ApiServer.close(second);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wrong", "pgadm_wrong", "pgapi_wrong"})
    void anAddressThatShowsWrongTokensIsTurnedAway(String wrong) throws Exception {
        var strict = Map.of(
                "PGANALYTICS_ADMISSION_STRANGERS_ATTEMPTS_PER_SECOND", "1",
                "PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS", "30",
                "PGANALYTICS_ADMISSION_STRANGERS_FAILURE_COST", "10");
        var second = ApiServer.open(server.database, Files.createTempDirectory("strict"), strict);
        try {
            var there = new ApiClient(second.ports().getInteger("http"), server.token);
            Awaitility.await()
                    .until(() ->
                            there.send("listSecrets", Optional.of(wrong), "").status() == 429);
            var late = there.ask("listSecrets", null);
            assertEquals(429, late.status(), "the right token has to wait as well");
            assertTrue(late.response().headers().firstValue("Retry-After").isPresent());
        } finally {
            ApiServer.close(second);
        }
    }
}
