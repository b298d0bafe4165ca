package org.pganalytics.ingest.v3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import com.github.luben.zstd.Zstd;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.admission.RegistrationRoutes;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.ConnectionSlots;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.TestHouse;
import org.pganalytics.ingest.http.ClientAddress;
import org.pganalytics.ingest.http.HttpConfig;
import org.pganalytics.ingest.http.HttpDoor;
import org.pganalytics.ingest.http.SignIn;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.tls.Networks;
import org.pganalytics.tls.TlsConfig;
import org.pganalytics.wire.v3.V3Binary;
import org.pganalytics.wire.v3.V3Objects;

/** The door as a version 3 collector meets it. */
class V3PushesTest {
    private final UUID collector = UUID.randomUUID();
    private TestHouse house;
    private V3Client client;

    @BeforeEach
    void open() throws Exception {
        house = new TestHouse();
        var config = new HttpConfig(
                "127.0.0.1",
                0,
                100,
                100,
                List.of(),
                64 << 20,
                16 << 10,
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                100,
                Duration.ofSeconds(1));
        var slots = new ConnectionSlots(100, 100, Networks.of("x", List.of()), "http", house.registry);
        var v3 = house.v3();
        var security = ListenerSecurity.load(TlsConfig.off(), Clock.systemUTC());
        var addresses = new ClientAddress(security);
        var registration = new RegistrationRoutes(house.doorkeeper, house.bus, addresses::of, Clock.systemUTC());
        var routes = new V3Routes(v3, new SignIn(house.corridor, addresses), config, house.lobby.bytes());
        var port = new CompletableFuture<Integer>();
        await(house.vertx.deployVerticle(new HttpDoor(
                HttpDoor.Shared.of(config, house.corridor, house.lobby, house.entrance(slots, security), v3),
                security,
                List.of(registration::mount, routes::mount),
                port::complete)));
        client = new V3Client(port.get(10, TimeUnit.SECONDS));
        client.token(FakeDoorkeeper.token(collector));
    }

    @AfterEach
    void close() throws Exception {
        eventually("every byte is let go of", () -> house.lobby.bytes().used() == 0);
        house.close();
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static JsonObject push() {
        return V3Objects.push("h", V3Objects.oneOfEach(now(), 1));
    }

    private int rows() {
        return house.store.stored.stream().mapToInt(Batch::rows).sum();
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
        client.collect(V3Objects.oneOfEach(now(), 1));
        assertEquals(200, client.pushInterval("db-host-1"));
        assertEquals(0, client.waiting());
        assertEquals(404, client.config("collector-001").status());
        assertTrue(rows() > 50);
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
        var push = push();
        var json = push.encode();
        assertEquals(200, client.push(json, "").status());
        int rows = rows();
        assertEquals(200, client.push(json, "Content-Encoding: gzip\r\n").status());
        assertEquals(2 * rows, rows());
        assertEquals(200, client.pushBinary(V3Binary.body(push, true)).status());
        assertEquals(3 * rows, rows());
        assertEquals(200, client.pushBinary(V3Binary.body(push, false)).status());
        assertEquals(4 * rows, rows());
        for (var packed : List.of(gzip(json), Zstd.compress(json.getBytes(StandardCharsets.UTF_8)))) {
            assertEquals(200, client.pushBytes(packed).status());
        }
        assertEquals(6 * rows, rows());
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
        assertEquals(collector.toString(), answer.json().getString("collector_id"));
    }

    @Test
    void overloadDelaysTheAnswerAndThenRefuses() {
        for (int i = 0; i < 3; i++) {
            house.store.refuseNext(Fault.OVERLOADED.because("full").retryAfter(Duration.ofMillis(10)));
        }
        assertEquals(200, client.push(push().encode(), "").status());
        assertTrue(house.registry.counter("pganalytics.v3.delayed").count() >= 3);

        always(Fault.STORE_DOWN);
        client.collect(V3Objects.oneOfEach(now(), 1));
        assertEquals(503, client.pushInterval("h"));
        assertTrue(client.waiting() > 0, "it keeps what was refused");
    }

    private void always(Fault fault) {
        house.store.accidents.add(batch -> {
            always(fault);
            return Optional.of(fault.because("always"));
        });
    }

    @Test
    void aFalselyLabelledRetryIsCutOffRatherThanRefused() {
        always(Fault.STORE_DOWN);
        assertEquals(
                0, client.push(push().encode(), "Content-Encoding: gzip\r\n").status());
        assertEquals(1, house.registry.counter("pganalytics.v3.retries.refused").count());
    }

    @Test
    void aPushThatNobodyCanReadIsSetAsideAfterWhatWasReadable() {
        var whole = push().encode();
        var broken = whole.substring(0, whole.lastIndexOf("],\"metrics_count")) + ",{\"type\":nonsense" + whole;
        var answer = client.push(broken, "");
        assertEquals(422, answer.status());
        assertTrue(answer.json().getString("detail").contains("at byte "), answer.body());
        assertTrue(rows() > 50);
        assertEquals(1, house.store.quarantined.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "x-11111111-2222-4333-8444-555555555555"})
    void aWrongTokenIsUnauthenticatedEverywhere(String token) {
        client.token(token);
        assertEquals(401, client.push(push().encode(), "").status());
        assertEquals(401, client.refresh().status());
        assertEquals(401, client.config("x").status());
        assertEquals(401, client.pushBinary(new byte[10]).status());
        assertEquals(0, rows());
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
        V3Objects.oneOfEach(now(), 1).forEach(metrics::add);
        var cycle = metrics.encode();
        int cycles = (60 << 20) / cycle.length();
        var body = "{\"hostname\":\"h\",\"metrics\":[" + (cycle.substring(1, cycle.length() - 1) + ",").repeat(cycles)
                + "{\"timestamp\":\"" + now() + "\",\"type\":\"pg_extensions\",\"databases\":{}}]}";
        assertEquals(200, client.push(body, "").status());
        assertTrue(rows() > 50 && rows() < 1_000, "" + rows());
        assertTrue(count("repeated") > 10_000);
    }

    @Test
    void whatUnpackedAPushIsLetGoOfWithItsAnswer() throws IOException {
        V3MemoryTest.assumeLinux();
        var json = V3MemoryTest.packed(push().encode().getBytes(StandardCharsets.UTF_8));
        var binary = V3Binary.frame(push(), V3MemoryTest::packed);
        V3MemoryTest.leavesNothingBehind(() -> {
            assertEquals(200, client.pushBytes(json).status());
            assertEquals(200, client.pushBinary(binary).status());
        });
    }

    @Test
    void aConnectionThatIsCutLetsItsTurnAndItsBytesGo() {
        var start = push().encode();
        client.pushCutOff(Arrays.copyOf(start.getBytes(StandardCharsets.UTF_8), 2_000), 1_000_000);
        eventually("its bytes are let go of", () -> house.lobby.bytes().used() == 0);
        assertEquals(200, client.push(push().encode(), "").status());
    }
}
