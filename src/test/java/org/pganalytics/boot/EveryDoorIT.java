package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.ingest.v3.V3Client;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.NativeJson;
import org.pganalytics.wire.v3.V3Binary;
import org.pganalytics.wire.v3.V3Objects;

/** What a real agent once sent, sent through each door and sent again: the same rows behind all of them, each once. */
class EveryDoorIT {
    private static final String SECRET = "a secret for every door";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TARGET = "shop-db-1";

    /** The one family without a time: kept once, however often it is sent. */
    private static final String TEXTS = "pg_statement_text";

    private static Program server;
    private static Vertx vertx;

    private final RecordedRows recorded = new RecordedRows();

    @BeforeAll
    static void open() throws Exception {
        vertx = Vertx.vertx();
        server = Program.start(Program.folder("doors"), Map.of("PGANALYTICS_REGISTRATION_SECRET", SECRET), "serve")
                .untilReady();
    }

    @AfterAll
    static void close() throws Exception {
        if (server != null) {
            server.close();
        }
        Await.result(vertx.close(), LIMIT, "the end");
    }

    @Test
    void theSameDataGivesTheSameRowsEachOnceThroughEveryDoor() throws Exception {
        var tcp = overTcp();
        var others = Map.of(
                "HTTP/1.1", overHttp(HttpVersion.HTTP_1_1, HttpBatch.MEDIA_TYPE),
                "HTTP/2", overHttp(HttpVersion.HTTP_2, HttpBatch.MEDIA_TYPE),
                "JSON", overHttp(HttpVersion.HTTP_1_1, NativeJson.MEDIA_TYPE));
        assertEquals(recordedRows(), storedRows(tcp), "native TCP");
        for (var other : others.entrySet()) {
            for (var schema : schemas()) {
                var columns = columns(schema);
                assertSame(
                        rows(tcp, schema.family(), columns),
                        rows(other.getValue(), schema.family(), columns),
                        schema.family() + ", native TCP and native " + other.getKey());
            }
        }

        var json = overVersion3(false);
        var binary = overVersion3(true);
        for (var schema : schemas()) {
            var columns = columns(schema);
            assertSame(
                    rows(json, schema.family(), columns),
                    rows(binary, schema.family(), columns),
                    schema.family() + ", JSON and binary of version 3");
        }
        assertSameAsVersion3(tcp, json);
        assertEquals(0, server.number("SELECT count(*) FROM quarantine"), "nothing was set aside");
        assertEquals(0, server.number("SELECT count(*) FROM loss"), "nothing was lost");
    }

    private UUID overTcp() throws Exception {
        var collector = HandCollector.register(server, SECRET, "native tcp");
        try (var session = HandSession.open(server, collector)) {
            for (var schema : schemas()) {
                session.write(new Frame.Schema(schema));
            }
            long sequence = 0;
            for (var blocks : recorded.batches()) {
                sequence++;
                var batch = collector.batch(sequence, blocks);
                for (int time = 0; time < 2; time++) {
                    session.write(batch);
                    var answer = assertInstanceOf(Frame.Ack.class, session.read());
                    assertEquals(sequence, answer.sequence());
                }
            }
        }
        return collector.id;
    }

    private UUID overHttp(HttpVersion version, String mediaType) throws Exception {
        var collector = HandCollector.register(server, SECRET, "native " + version + " " + mediaType);
        assertEquals(0, collector.open(server));
        // Without an upgrade: HTTP/2 is what the connection begins with.
        var options = new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false);
        var client = vertx.createHttpClient(options);
        long sequence = 0;
        for (var blocks : recorded.batches()) {
            sequence++;
            var body = mediaType.equals(HttpBatch.MEDIA_TYPE)
                    ? collector.nativeBody(sequence, blocks)
                    : collector.jsonBody(sequence, blocks);
            assertEquals("stored", push(client, version, collector, mediaType, body));
            assertEquals("duplicate", push(client, version, collector, mediaType, body));
        }
        Await.result(client.close(), LIMIT, "closing");
        return collector.id;
    }

    /** @return the outcome */
    private static String push(
            HttpClient client, HttpVersion version, HandCollector collector, String mediaType, Buffer body) {
        var answer = client.request(HttpMethod.POST, server.port("http"), "127.0.0.1", "/api/v1/metrics/push")
                .compose(request -> request.putHeader("Authorization", "Bearer " + collector.token)
                        .putHeader("Content-Type", mediaType)
                        .send(body)
                        .compose(response -> response.version() == version
                                ? response.body()
                                : Future.failedFuture("the answer came over " + response.version())));
        return Await.result(answer, LIMIT, "the push").toJsonObject().getString("outcome");
    }

    private UUID overVersion3(boolean binary) throws Exception {
        var client = new V3Client(server.port("http"));
        assertEquals(201, client.register(SECRET, TARGET).status());
        var objects = recorded.objects();
        int half = objects.size() / 2;
        for (var part : List.of(objects.subList(0, half), objects.subList(half, objects.size()))) {
            var push = V3Objects.push(TARGET, part);
            assertEquals(part.size(), push(client, push, binary).getInteger("objects_stored"));
            var again = push(client, push, binary);
            assertEquals(0, again.getInteger("objects_stored"), again::encode);
            assertEquals(part.size(), again.getInteger("objects_repeated"), again::encode);
        }
        return UUID.fromString(client.collector());
    }

    private static JsonObject push(V3Client client, JsonObject push, boolean binary) throws Exception {
        assertEquals(200, client.refresh().status());
        var answer = binary ? client.pushBinary(V3Binary.body(push, true)) : client.push(push.encode(), "");
        assertEquals(200, answer.status(), answer::toString);
        return answer.json();
    }

    /** On what version 3 says at all, and to the second, which is as far as it says times. */
    private void assertSameAsVersion3(UUID ours, UUID version3) throws Exception {
        var second = "date_trunc('second', time)";
        for (var form : RecordedRows.FORMS) {
            var columns = new LinkedHashSet<>(form.columns().values());
            if (!form.type().equals("pg_query_stats")) {
                columns.add("datname");
            }
            var compared = second + ", " + quoted(columns);
            assertSame(
                    rows(ours, form.family(), compared),
                    rows(version3, form.family(), compared),
                    form.family() + ", native and version 3");
        }
        assertSame(
                rows(ours, TEXTS, "queryid, query"),
                rows(version3, TEXTS, "queryid, query"),
                "texts, native and version 3");
    }

    private List<FamilySchema> schemas() {
        return HandCollector.schemas(recorded.blocks());
    }

    private Map<String, Long> recordedRows() {
        return recorded.blocks().stream()
                .collect(Collectors.groupingBy(
                        block -> block.schema().family(), TreeMap::new, Collectors.summingLong(ColumnBlock::rows)));
    }

    private Map<String, Long> storedRows(UUID collector) throws Exception {
        var stored = new TreeMap<String, Long>();
        for (var schema : schemas()) {
            var rows = rows(collector, schema.family(), "1");
            stored.put(schema.family(), server.number("SELECT count(*) FROM (%s) stored".formatted(rows)));
        }
        return stored;
    }

    private static String columns(FamilySchema schema) {
        var time = schema.family().equals(TEXTS) ? "" : "time, ";
        return time
                + quoted(schema.columns().stream().map(column -> column.name()).toList());
    }

    private static String quoted(Iterable<String> columns) {
        return "\"" + String.join("\", \"", columns) + "\"";
    }

    private static String rows(UUID collector, String family, String columns) {
        return "SELECT %s FROM metrics.%s WHERE target_id = (SELECT target_id FROM target WHERE name = '%s'"
                        .formatted(columns, family, TARGET)
                + " AND collector_id = '%s')".formatted(collector);
    }

    private static void assertSame(String rows, String others, String what) throws Exception {
        assertEquals(0, only(rows, others), () -> "rows of the first alone: " + what);
        assertEquals(0, only(others, rows), () -> "rows of the second alone: " + what);
    }

    private static long only(String rows, String others) throws Exception {
        return server.number("SELECT count(*) FROM (%s EXCEPT ALL %s) alone".formatted(rows, others));
    }
}
