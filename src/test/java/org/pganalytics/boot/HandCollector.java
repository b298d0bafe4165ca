package org.pganalytics.boot;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
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
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.NativeJson;

/** A collector that pushes by hand over HTTP, to whichever server it is told. */
final class HandCollector {
    static final int ROWS = 10;
    static final FrameCodec CODEC = new FrameCodec(65 << 20);

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final FamilySchema SCHEMA =
            FamilySchema.of("pg_locks", List.of(new Column("lock_count", ColumnType.INT8, ColumnRole.GAUGE)));

    final UUID id;
    final String token;
    private final UUID instance = UUID.randomUUID();
    private final String name;
    private final long startedMicros = System.currentTimeMillis() * 1_000;
    private int epoch = 1;

    /** What came back. */
    record Answer(int status, JsonObject body) {}

    private HandCollector(String name, JsonObject identity) {
        this.name = name;
        this.id = UUID.fromString(identity.getString("collector_id"));
        this.token = identity.getString("token");
    }

    static HandCollector register(Program server, String secret, String name) throws Exception {
        var body = new JsonObject().put("hostname", name).put("name", name).put("version", "test");
        var request = request(server, "/api/v1/collectors/register")
                .header("Content-Type", "application/json")
                .header("X-Registration-Secret", secret)
                .POST(BodyPublishers.ofString(body.encode()))
                .build();
        return new HandCollector(name, send(request).body());
    }

    /** Takes the turn; what comes back is the server's mark. */
    long open(Program server) throws Exception {
        var answer = send(request(server, "/api/v1/metrics/position?instance=" + instance)
                .header("Authorization", "Bearer " + token)
                .build());
        epoch = Integer.parseInt(answer.body().getString("epoch"));
        return Long.parseLong(answer.body().getString("mark"));
    }

    Answer pushNative(Program server, long sequence) throws Exception {
        return push(server, HttpBatch.MEDIA_TYPE, nativeBody(sequence, blocks(sequence)));
    }

    Answer pushJson(Program server, long sequence) throws Exception {
        return push(server, NativeJson.MEDIA_TYPE, jsonBody(sequence, blocks(sequence)));
    }

    /** What is pushed as {@link HttpBatch#MEDIA_TYPE}. */
    Buffer nativeBody(long sequence, List<ColumnBlock> blocks) {
        return new HttpBatch(schemas(blocks), batch(sequence, blocks)).encode(CODEC);
    }

    /** What is pushed as {@link NativeJson#MEDIA_TYPE}. */
    Buffer jsonBody(long sequence, List<ColumnBlock> blocks) {
        return NativeJson.encode(position(sequence), List.of(), blocks);
    }

    Frame.BatchFrame batch(long sequence, List<ColumnBlock> blocks) {
        var body = new BatchEncoder(1).encode(blocks);
        var header = new BatchHeader(position(sequence), body.digest(), body.uncompressedBytes(), List.of());
        return new Frame.BatchFrame(header, body.compressed());
    }

    static List<FamilySchema> schemas(List<ColumnBlock> blocks) {
        return blocks.stream().map(ColumnBlock::schema).distinct().toList();
    }

    Answer push(Program server, String mediaType, Buffer body) throws Exception {
        return send(request(server, "/api/v1/metrics/push")
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", mediaType)
                .POST(BodyPublishers.ofByteArray(body.getBytes()))
                .build());
    }

    /** What the database holds of this collector: rows, different values, the sum of the values. */
    static String contents(String name) {
        return """
                SELECT count(*), count(DISTINCT lock_count), coalesce(sum(lock_count), 0)
                  FROM metrics.pg_locks JOIN target USING (target_id) WHERE target.name = '%s'""".formatted(name);
    }

    Frame.Hello hello() {
        return new Frame.Hello(token, "test", instance, Set.of(), System.currentTimeMillis() * 1_000);
    }

    private BatchPosition position(long sequence) {
        return new BatchPosition(epoch, sequence, sequence);
    }

    private List<ColumnBlock> blocks(long sequence) {
        long[] values =
                LongStream.range(0, ROWS).map(row -> sequence * ROWS + row).toArray();
        return List.of(new ColumnBlock(
                SCHEMA, name, startedMicros + sequence, ROWS, List.of(new ColumnVector.Longs(values, new BitSet()))));
    }

    private static HttpRequest.Builder request(Program server, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port("http") + path))
                .timeout(Duration.ofSeconds(20));
    }

    private static Answer send(HttpRequest request) throws IOException, InterruptedException {
        var answer = HTTP.send(request, BodyHandlers.ofString());
        return new Answer(answer.statusCode(), new JsonObject(answer.body()));
    }
}
