package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import com.github.luben.zstd.Zstd;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.SomeBatches;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.NativeJson;

/** The way of a push: who, how much, in which form, and what is answered. */
class HttpDoorTest {
    private final UUID collector = UUID.randomUUID();

    @ParameterizedTest
    @EnumSource(
            value = HttpVersion.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void aPushIsAnsweredWithWhereTheLedgerStands(HttpVersion version) throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.speak(new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false));
            var position = http.position(collector);
            assertEquals("1", position.getString("epoch"));
            assertEquals("0", position.getString("mark"));
            assertEquals(30_000, position.getInteger("lease_ms"));
            var batch = HttpFixture.body(SomeBatches.batch(1, 1, 10));
            var answer = http.push(collector, batch);
            assertEquals(200, answer.status());
            assertEquals(
                    "{\"epoch\":\"1\",\"sequence\":\"1\",\"mark\":\"1\",\"outcome\":\"stored\"}",
                    answer.body().encode());
            assertEquals("duplicate", http.push(collector, batch).body().getString("outcome"));

            assertEquals(List.of(1L), http.house.store.sequences());
            assertEquals(SomeBatches.blocks(1, 10), blocks(http));
            assertEquals(batch, http.house.store.stored.get(0).raw().bytes());
            eventually("nothing is held", () -> http.house.lobby.bytes().used() == 0);
        }
    }

    private static Object blocks(HttpFixture http) {
        return ((BatchContent.Decoded) http.house.store.stored.get(0).content()).blocks();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "gzip", "zstd"})
    void theFirstBytesTellHowABodyIsPacked(String packing) throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.position(collector);
            var json = NativeJson.encode(new BatchPosition(1, 1, 1), List.of(), SomeBatches.blocks(1, 500));
            var token = FakeDoorkeeper.token(collector);
            assertEquals(
                    200,
                    await(http.pushing(token, "application/json", packed(packing, json)))
                            .status());
            var frames = HttpFixture.body(SomeBatches.batch(1, 2, 500));
            assertEquals(200, http.push(collector, packed(packing, frames)).status());

            assertEquals(SomeBatches.blocks(1, 500), blocks(http));
            assertEquals(json, http.house.store.stored.get(0).raw().bytes());
        }
    }

    private static Buffer packed(String packing, Buffer plain) throws IOException {
        if (packing.equals("zstd")) {
            return Buffer.buffer(Zstd.compress(plain.getBytes()));
        }
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(plain.getBytes());
        }
        return packing.equals("gzip") ? Buffer.buffer(out.toByteArray()) : plain;
    }

    @Test
    void aGapNamesTheExpectedNumberAndABadBatchTheMark() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.position(collector);
            var gap = http.push(collector, HttpFixture.body(SomeBatches.batch(1, 3, 1)));
            assertEquals(409, gap.status());
            assertEquals("POSITION_GAP", gap.fault());
            assertEquals("1", gap.body().getString("expected"));
            var header = SomeBatches.batch(1, 1, 1).header();
            var bad = new Frame.BatchFrame(header, Buffer.buffer("no zstd"));
            var settled = http.push(collector, HttpFixture.body(bad));
            assertEquals(422, settled.status());
            assertEquals("UNDECODABLE", settled.fault());
            assertEquals("1", settled.body().getString("mark"));
            assertEquals(
                    200,
                    http.push(collector, HttpFixture.body(SomeBatches.batch(1, 2, 1)))
                            .status());
            var conflict = http.push(collector, HttpFixture.body(SomeBatches.batch(1, 2, 2)));
            assertEquals("POSITION_CONFLICT", conflict.fault());
        }
    }

    @Test
    void whoMayNotPushIsToldWhyAndNothingIsRead() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            var body = HttpFixture.body(SomeBatches.batch(1, 1, 1));
            assertEquals(
                    401,
                    await(http.pushing("nonsense", HttpBatch.MEDIA_TYPE, body)).status());
            assertEquals(
                    "UNSUPPORTED_MEDIA",
                    await(http.pushing(FakeDoorkeeper.token(collector), "text/csv", body))
                            .fault());
            http.house.doorkeeper.revoked.put(collector, true);
            assertEquals("REVOKED", http.push(collector, body).fault());
            assertEquals(0, http.house.store.accepts);
        }
    }

    @Test
    void oneAddressThatKeepsGuessingIsSlowedDown() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            var body = Buffer.buffer("{}");
            var last = await(http.pushing("guess", "application/json", body));
            for (int attempt = 0; attempt < 20 && last.status() == 401; attempt++) {
                last = await(http.pushing("guess" + attempt, "application/json", body));
            }
            assertEquals("RATE_LIMITED", last.fault());
            assertTrue(Integer.parseInt(last.retryAfter()) >= 1);
        }
    }

    @Test
    void whoGuessesHoldsUpNobodyThereWhoseTokenIsKnown() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.house.guessedFrom("127.0.0.1");
            assertEquals(429, http.push(collector, Buffer.buffer("{}")).status());
            http.house.doorkeeper.known.add(FakeDoorkeeper.token(collector));
            http.position(collector);
            var taken = http.push(collector, HttpFixture.body(SomeBatches.batch(1, 1, 1)));
            assertEquals(200, taken.status());
        }
    }

    @Test
    void oneBatchOfACollectorIsUnderWayAtATime() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.position(collector);
            http.house.store.holding = true;
            var token = FakeDoorkeeper.token(collector);
            var first = http.pushing(token, HttpBatch.MEDIA_TYPE, HttpFixture.body(SomeBatches.batch(1, 1, 1)));
            eventually("the first is under way", () -> http.house.store.heldAnswers() == 1);
            var second = http.push(collector, HttpFixture.body(SomeBatches.batch(1, 2, 1)));
            assertEquals(429, second.status());
            assertEquals("1", second.retryAfter());
            http.house.store.letGo();
            assertEquals(200, await(first).status());
            assertEquals(
                    200,
                    http.push(collector, HttpFixture.body(SomeBatches.batch(1, 2, 1)))
                            .status());
        }
    }

    @Test
    void aStoreThatIsDownIsAnsweredAsSuch() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.position(collector);
            http.house.store.refuseNext(Fault.STORE_DOWN.because("away"));
            var answer = http.push(collector, HttpFixture.body(SomeBatches.batch(1, 1, 1)));
            assertEquals(503, answer.status());
            assertEquals("1", answer.retryAfter());
            http.house.store.refuseNext(
                    Fault.RATE_LIMITED.because("too fast").retryAfter(java.time.Duration.ofSeconds(7)));
            assertEquals(
                    "7",
                    http.push(collector, HttpFixture.body(SomeBatches.batch(1, 1, 1)))
                            .retryAfter());
        }
    }

    @Test
    void aBatchThatHasNoChanceIsNotDecoded() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.position(collector);
            http.house.store.full =
                    Optional.of(Fault.OVERLOADED.because("full").retryAfter(java.time.Duration.ofSeconds(5)));
            var good = SomeBatches.batch(1, 1, 1);
            var broken = new Frame.BatchFrame(good.header(), Buffer.buffer("this is no zstd frame"));
            var answer = http.push(collector, HttpFixture.body(broken));
            assertEquals(503, answer.status());
            assertEquals("5", answer.retryAfter());
            http.house.store.full = Optional.empty();
            assertEquals(200, http.push(collector, HttpFixture.body(good)).status());
            assertEquals(0, http.house.store.quarantined.size());
        }
    }

    @Test
    void healthNeedsNoTokenAndOtherRoomsMountTheirRoutes() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            assertEquals(
                    "{\"status\":\"ok\"}",
                    http.get("/api/v1/health", collector).body().encode());
            assertEquals(200, http.get("/mounted", collector).status());
            assertEquals("NOT_FOUND", http.get("/nowhere", collector).fault());
            assertEquals(
                    "BAD_REQUEST",
                    http.get("/api/v1/metrics/position?instance=1", collector).fault());
            assertEquals(
                    "METHOD_NOT_ALLOWED",
                    http.get("/api/v1/metrics/push", collector).fault());
        }
    }

    @Test
    void aTurnOverHttpIsRenewedByPushesAndEndsWhenReplaced() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.house.store.lease = java.time.Duration.ofMillis(30);
            http.position(collector);
            assertEquals(1, http.house.lobby.sessions().size());
            Thread.sleep(15);
            http.push(collector, HttpFixture.body(SomeBatches.batch(1, 1, 1)));
            assertEquals(1, http.house.store.renewals);
            eventually("the lease ends", () -> http.house.lobby.sessions().size() == 0);
            assertNull(http.push(collector, HttpFixture.body(SomeBatches.batch(1, 2, 1)))
                    .retryAfter());
        }
    }
}
