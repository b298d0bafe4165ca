package org.pganalytics.ingest.v3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.eventually;

import com.github.luben.zstd.Zstd;
import io.vertx.core.json.JsonArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.TestHouse;
import org.pganalytics.model.BatchContent;
import org.pganalytics.tls.TlsConfig;
import org.pganalytics.wire.v3.V3Binary;
import org.pganalytics.wire.v3.V3Objects;

/** The door as a version 3 collector meets it. */
class V3PushesTest {
    private V3Door door;
    private TestHouse house;
    private V3Client client;

    @BeforeEach
    void open() throws Exception {
        door = new V3Door(TlsConfig.off());
        house = door.house;
        client = door.client;
    }

    @AfterEach
    void close() throws Exception {
        door.close();
    }

    private double count(String outcome) {
        return house.registry
                .counter("pganalytics.v3.objects", "outcome", outcome)
                .count();
    }

    @Test
    void aCollectorRegistersRefreshesPushesAndAsksForItsConfiguration() {
        assertEquals(201, client.register(FakeDoorkeeper.SECRET, "db-host-1").status());
        assertEquals(200, client.refresh().status());
        client.collect(V3Objects.oneOfEach(V3Door.now(), 1));
        assertEquals(200, client.pushInterval("db-host-1"));
        assertEquals(0, client.waiting());
        assertEquals(404, client.config("collector-001").status());
        assertTrue(door.rows() > 50);
        assertEquals(
                "db-host-1",
                ((BatchContent.Decoded) house.store.stored.get(0).content())
                        .blocks()
                        .get(0)
                        .target());
        assertEquals(
                UUID.fromString(client.collector()), house.store.stored.get(0).collector());
    }

    @Test
    void theSameRowsComeThroughEveryFormAndUnderEveryLabel() throws Exception {
        var push = V3Door.push();
        var json = push.encode();
        assertEquals(200, client.push(json, "").status());
        int rows = door.rows();
        assertEquals(200, client.push(json, "Content-Encoding: gzip\r\n").status());
        assertEquals(2 * rows, door.rows());
        assertEquals(200, client.pushBinary(V3Binary.body(push, true)).status());
        assertEquals(3 * rows, door.rows());
        assertEquals(200, client.pushBinary(V3Binary.body(push, false)).status());
        assertEquals(4 * rows, door.rows());
        for (var packed : List.of(gzip(json), Zstd.compress(json.getBytes(StandardCharsets.UTF_8)))) {
            assertEquals(200, client.pushBytes(packed).status());
        }
        assertEquals(6 * rows, door.rows());
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void aRealPushIsAnsweredWithWhatBecameOfIt() throws IOException {
        var sample = Files.readString(Path.of("src/test/resources/v3/push-one-of-each.json"));
        var answer = client.push(sample, "");
        assertEquals(200, answer.status());
        assertEquals("success", answer.json().getString("status"));
        assertEquals(18, answer.json().getInteger("objects_stored"));
        assertEquals(door.collector.toString(), answer.json().getString("collector_id"));
    }

    @Test
    void overloadDelaysTheAnswerAndThenRefuses() {
        for (int i = 0; i < 3; i++) {
            house.store.refuseNext(Fault.OVERLOADED.because("full").retryAfter(Duration.ofMillis(10)));
        }
        assertEquals(200, client.push(V3Door.push().encode(), "").status());
        assertTrue(house.registry.counter("pganalytics.v3.delayed").count() >= 3);

        door.always(Fault.STORE_DOWN);
        client.collect(V3Objects.oneOfEach(V3Door.now(), 1));
        assertEquals(503, client.pushInterval("h"));
        assertTrue(client.waiting() > 0, "it keeps what was refused");
    }

    @Test
    void aPushThatNobodyCanReadIsSetAsideAfterWhatWasReadable() {
        var whole = V3Door.push().encode();
        var broken = whole.substring(0, whole.lastIndexOf("],\"metrics_count")) + ",{\"type\":nonsense" + whole;
        var answer = client.push(broken, "");
        assertEquals(422, answer.status());
        assertTrue(answer.json().getString("detail").contains("at byte "), answer.body());
        assertTrue(door.rows() > 50);
        assertEquals(1, house.store.quarantined.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "x-11111111-2222-4333-8444-555555555555"})
    void aWrongTokenIsUnauthenticatedEverywhere(String token) {
        client.token(token);
        assertEquals(401, client.push(V3Door.push().encode(), "").status());
        assertEquals(401, client.refresh().status());
        assertEquals(401, client.config("x").status());
        assertEquals(401, client.pushBinary(new byte[10]).status());
        assertEquals(0, door.rows());
    }

    @Test
    void whatIsNoBinaryPushIsRefusedWithAReason() {
        for (var body : List.of(new byte[0], new byte[40], Zstd.compress(new byte[40]))) {
            var answer = client.pushBinary(body);
            assertEquals(400, answer.status(), answer.body());
            assertTrue(answer.json().getString("detail").contains("frame of version 3"), answer.body());
        }
    }

    @Test
    void aBodyOfSixtyMegabytesIsTakenAndItsRepetitionsCounted() {
        var metrics = new JsonArray();
        V3Objects.oneOfEach(V3Door.now(), 1).forEach(metrics::add);
        var cycle = metrics.encode();
        int cycles = (60 << 20) / cycle.length();
        var body = "{\"hostname\":\"h\",\"metrics\":[" + (cycle.substring(1, cycle.length() - 1) + ",").repeat(cycles)
                + "{\"timestamp\":\"" + V3Door.now() + "\",\"type\":\"pg_extensions\",\"databases\":{}}]}";
        assertEquals(200, client.push(body, "").status());
        assertTrue(door.rows() > 50 && door.rows() < 1_000, "" + door.rows());
        assertTrue(count("repeated") > 10_000);
    }

    @Test
    void whatUnpackedAPushIsLetGoOfWithItsAnswer() throws IOException {
        V3MemoryTest.assumeLinux();
        var json = V3MemoryTest.packed(V3Door.push().encode().getBytes(StandardCharsets.UTF_8));
        var binary = V3Binary.frame(V3Door.push(), V3MemoryTest::packed);
        V3MemoryTest.leavesNothingBehind(() -> {
            assertEquals(200, client.pushBytes(json).status());
            assertEquals(200, client.pushBinary(binary).status());
        });
    }

    @Test
    void aConnectionThatIsCutLetsItsTurnAndItsBytesGo() {
        var start = V3Door.push().encode();
        client.pushCutOff(Arrays.copyOf(start.getBytes(StandardCharsets.UTF_8), 2_000), 1_000_000);
        eventually("its bytes are let go of", () -> house.lobby.bytes().used() == 0);
        assertEquals(200, client.push(V3Door.push().encode(), "").status());
    }
}
