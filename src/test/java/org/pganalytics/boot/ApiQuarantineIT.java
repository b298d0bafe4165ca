package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.BatchHeader;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.NativeJson;

/** Batches of a family that the server did not know, over the API of a whole server, each answer held to the contract. */
class ApiQuarantineIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final FamilySchema SCHEMA =
            FamilySchema.of("late_family", List.of(new Column("n", ColumnType.INT8, ColumnRole.KEY)));
    private static final String DECLARATION = """
            family = late_family
            title = "Declared late"
            kind = samples
            scope = cluster
            interval = 10s
            retention = 7d
            columns = [ { name = n, type = int8, role = key } ]
            sql = [ { from = 14, sql = "select 1::int8 as n" } ]
            """;
    private static ApiServer server;
    private static ApiClient api;
    private static Path families;

    @BeforeAll
    static void start() throws Exception {
        families = Files.createTempDirectory("families");
        Files.copy(Path.of("conf/families/server.conf"), families.resolve("server.conf"));
        server = ApiServer.start(Map.of("PGANALYTICS_FAMILIES_DIR", families.toString()));
        api = server.client;
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonObject send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return new JsonObject(
                HTTP.send(request.build(), BodyHandlers.ofString()).body());
    }

    private static HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/api/v1/%s".formatted(server.port(), path)));
    }

    /** A collector whose two batches, in both forms, are set aside. */
    private static JsonObject setAside(long time) throws Exception {
        var collector = send(to("collectors/register")
                .header("Content-Type", "application/json")
                .header("X-Registration-Secret", ApiServer.SECRET)
                .POST(BodyPublishers.ofString("{\"name\":\"early\"}")));
        var bearer = "Bearer " + collector.getString("token");
        send(to("metrics/position?instance=" + UUID.randomUUID()).header("Authorization", bearer));
        var block = new ColumnBlock(
                SCHEMA, "db", time, 3, List.of(new ColumnVector.Longs(new long[] {1, 2, 3}, new BitSet())));
        var json = NativeJson.encode(new BatchPosition(1, 1, 1), List.of(), List.of(block));
        var encoded = new BatchEncoder(1).encode(List.of(block));
        var header =
                new BatchHeader(new BatchPosition(1, 2, 2), encoded.digest(), encoded.uncompressedBytes(), List.of());
        var frames = new HttpBatch(List.of(SCHEMA), new Frame.BatchFrame(header, encoded.compressed()))
                .encode(HandCollector.CODEC);
        push(bearer, NativeJson.MEDIA_TYPE, json.getBytes());
        push(bearer, HttpBatch.MEDIA_TYPE, frames.getBytes());
        return collector;
    }

    private static void push(String bearer, String mediaType, byte[] body) throws Exception {
        var refused = send(to("metrics/push")
                .header("Authorization", bearer)
                .header("Content-Type", mediaType)
                .POST(BodyPublishers.ofByteArray(body)));
        assertEquals(422, refused.getInteger("status"), refused::encode);
    }

    private static List<JsonObject> listed(JsonObject page) {
        return page.getJsonArray("batches").stream().map(JsonObject.class::cast).toList();
    }

    @Test
    void whatCameTooEarlyIsStoredOnceItsFamilyIsDeclared() throws Exception {
        var collector = setAside(System.currentTimeMillis() * 1_000);
        var found = listed(api.ok("listQuarantine", "collector", collector.getString("collector_id")));
        assertEquals(2, found.size());
        var last = found.get(0);
        assertEquals("UNKNOWN_FAMILY", last.getString("fault"));
        assertEquals(HttpBatch.MEDIA_TYPE, last.getString("media_type"));
        assertEquals(last, api.ok("showQuarantined", "batch", last.getString("id")));
        var early = api.ask("replayQuarantined", null, "batch", last.getString("id"));
        assertEquals(422, early.status(), early::text);
        assertTrue(early.detail().contains("late_family is not declared"), early::detail);

        Files.writeString(families.resolve("late_family.conf"), DECLARATION);
        var second = ApiServer.open(
                server.database,
                Files.createTempDirectory("second"),
                Map.of("PGANALYTICS_FAMILIES_DIR", families.toString()));
        try {
            replayAll(new ApiClient(second.ports().getInteger("http"), server.token), found);
        } finally {
            ApiServer.close(second);
        }
        assertEquals(6, server.database.number("SELECT count(*) FROM metrics.late_family"));
        theStatusTells(collector);
        var waiting = new String[] {"collector", collector.getString("collector_id"), "state", "waiting"};
        assertEquals(List.of(), listed(api.ok("listQuarantine", waiting)));
    }

    private static void theStatusTells(JsonObject collector) throws Exception {
        var id = collector.getString("collector_id");
        server.database.execute(
                "UPDATE collector SET last_seen_at = now() - interval '1 hour' WHERE collector_id = '%s'"
                        .formatted(id));
        server.database.execute(("INSERT INTO loss (collector_id, epoch, sequence, family, reason, batches, rows)"
                        + " SELECT '%s', 1, n, '', 'spool_full', 2, 5 FROM generate_series(1, 3) n")
                .formatted(id));
        var status = api.ok("ingestStatus");
        var behind = (JsonObject) status.getJsonArray("behind").getValue(0);
        assertEquals(id, behind.getString("collector_id"));
        assertTrue(behind.getDouble("lag_seconds") >= 3_600, behind::encode);
        var loss = status.getJsonArray("losses").getJsonObject(0);
        assertEquals("15", loss.getString("rows"));
        assertEquals("6", loss.getString("batches"));
        assertTrue(status.getJsonObject("server").getDouble("refused_per_second") > 0, status::encode);
        assertEquals(0.0, status.getJsonObject("server").getDouble("rows_per_second"));
        var database = status.getJsonObject("database");
        assertEquals("", database.getString("synchronous_standbys"));
        assertTrue(database.getString("at_risk").contains("synchronous_standby_names is empty"), database::encode);
        assertTrue(Long.parseLong(status.getJsonObject("collectors").getString("active")) >= 1);
    }

    private static void replayAll(ApiClient second, List<JsonObject> found) throws Exception {
        for (var batch : found) {
            var id = batch.getString("id");
            var replayed = second.ok("replayQuarantined", "batch", id);
            assertEquals("replayed", replayed.getString("state"));
            assertEquals(3, replayed.getInteger("rows_stored"));
            assertEquals("admin:bootstrap", replayed.getString("settled_by"));
            assertEquals(replayed, api.ok("replayQuarantined", "batch", id), "again, and on the other server");
            assertEquals(409, api.ask("discardQuarantined", null, "batch", id).status());
        }
    }

    @Test
    void pagesHoldEachBatchOnceAndWhatIsDiscardedKeepsItsHeader() throws Exception {
        var early = System.currentTimeMillis() * 1_000 - 100 * 86_400_000_000L;
        for (int i = 0; i < 3; i++) {
            setAside(early);
        }
        var seen = new ArrayList<String>();
        var page = api.ok("listQuarantine", "limit", "2");
        while (page.getString("next") != null) {
            listed(page).forEach(batch -> seen.add(batch.getString("id")));
            setAside(early);
            page = api.ok("listQuarantine", "limit", "2", "cursor", page.getString("next"));
        }
        listed(page).forEach(batch -> seen.add(batch.getString("id")));
        assertEquals(seen.size(), new HashSet<>(seen).size());
        assertTrue(seen.size() >= 6, seen::toString);

        var discarded = api.ok("discardQuarantined", "batch", seen.get(0));
        assertEquals("discarded", discarded.getString("state"));
        assertEquals(false, discarded.getBoolean("body_kept"));
        assertEquals(
                409, api.ask("replayQuarantined", null, "batch", seen.get(0)).status());
        assertEquals(
                404,
                api.ask("showQuarantined", null, "batch", "999999999999999999").status());
        assertEquals(400, api.ask("showQuarantined", null, "batch", "0").status());
        assertEquals(400, api.ask("listQuarantine", null, "fault", "x' OR 1=1").status());
    }
}
