package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import com.github.luben.zstd.Zstd;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.SomeBatches;
import org.pganalytics.tls.TlsConfig;
import org.pganalytics.wire.HttpBatch;

/** Slow, oversized, bombed and smuggled requests, and going down. */
class HttpHostileTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private final UUID collector = UUID.randomUUID();
    private final String token = FakeDoorkeeper.token(collector);

    /** A raw connection: what it read, and whether it is closed. */
    private record Raw(NetSocket socket, StringBuffer read, CompletableFuture<Void> closed) {
        static Raw open(HttpFixture http) throws Exception {
            var socket = await(http.sockets().connect(http.port, "127.0.0.1"));
            var raw = new Raw(socket, new StringBuffer(), new CompletableFuture<>());
            socket.exceptionHandler(broken -> {});
            socket.closeHandler(end -> raw.closed.complete(null));
            socket.handler(bytes -> raw.read.append(bytes));
            return raw;
        }

        void say(String text) {
            socket.write(text);
        }
    }

    private String head(String more) {
        return "POST /api/v1/metrics/push HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token
                + "\r\nContent-Type: application/json\r\n" + more + "\r\n";
    }

    @Test
    void aHeadThatTricklesInIsClosed() throws Exception {
        try (var http = new HttpFixture(HttpFixture.with(Duration.ofSeconds(1), LONG, 1 << 20))) {
            var slow = Raw.open(http);
            slow.say("GET /api/v1/health HTTP/1.1\r\n");
            for (int line = 0; line < 100 && !slow.closed.isDone(); line++) {
                slow.say("X-%d: y\r\n".formatted(line));
                Thread.sleep(50);
            }
            assertTrue(slow.closed.isDone(), () -> "slots " + http.slots.used() + " read " + slow.read);
            eventually("its place is free", () -> http.slots.used() == 0);
        }
    }

    @Test
    void aBodyThatTricklesInIsRefusedInTime() throws Exception {
        try (var http = new HttpFixture(HttpFixture.with(LONG, Duration.ofMillis(300), 1 << 20))) {
            var slow = Raw.open(http);
            slow.say(head("Content-Length: 1000\r\n"));
            for (int bytes = 0; bytes < 20; bytes++) {
                slow.say("x");
                Thread.sleep(50);
            }
            eventually("it is told", () -> slow.read.toString().startsWith("HTTP/1.1 408"));
            slow.closed.get(10, TimeUnit.SECONDS);
            eventually("nothing is held", () -> http.house.lobby.bytes().used() == 0);
        }
    }

    @Test
    void abandonedRequestsHoldNothing() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            var gone = Raw.open(http);
            gone.say(head("Content-Length: 100000\r\n") + "x".repeat(50_000));
            eventually("half has arrived", () -> http.house.lobby.bytes().used() == 50_000);
            gone.socket.close();
            eventually("nothing is held", () -> http.house.lobby.bytes().used() == 0);
            http.position(collector);
            assertEquals(
                    200,
                    http.push(collector, HttpFixture.body(SomeBatches.batch(1, 1, 1)))
                            .status());
        }
    }

    @Test
    void whatIsTooLargeIsRefusedAnnouncedOrNot() throws Exception {
        try (var http = new HttpFixture(HttpFixture.with(LONG, LONG, 1 << 20))) {
            assertEquals(
                    413,
                    http.push(collector, Buffer.buffer(new byte[(1 << 20) + 1])).status());
            var chunked = Raw.open(http);
            chunked.say(head("Transfer-Encoding: chunked\r\n"));
            for (int chunk = 0; chunk < 20 && !chunked.read.toString().contains("413"); chunk++) {
                chunked.say("10000\r\n" + "x".repeat(65_536) + "\r\n");
            }
            eventually("it is told", () -> chunked.read.toString().startsWith("HTTP/1.1 413"));
            var header = Raw.open(http);
            header.say("GET /api/v1/health HTTP/1.1\r\nX: " + "x".repeat(100_000) + "\r\n\r\n");
            eventually("it is told", () -> header.read.toString().startsWith("HTTP/1.1 431"));
            eventually("nothing is held", () -> http.house.lobby.bytes().used() == 0);
        }
    }

    @Test
    void bombsAreRefusedWhateverTheyArePackedIn() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            var zeros = new byte[200 << 20];
            var out = new ByteArrayOutputStream();
            try (var gzip = new GZIPOutputStream(out)) {
                gzip.write(zeros);
            }
            var gzip = await(http.pushing(token, "application/json", Buffer.buffer(out.toByteArray())));
            assertEquals(413, gzip.status());
            var zstd = await(http.pushing(token, HttpBatch.MEDIA_TYPE, Buffer.buffer(Zstd.compress(zeros))));
            assertEquals(413, zstd.status());
            var broken = Buffer.buffer(out.toByteArray()).slice(0, 20);
            assertEquals(
                    400, await(http.pushing(token, "application/json", broken)).status());
            assertEquals(0, http.house.store.accepts);
            eventually("nothing is held", () -> http.house.lobby.bytes().used() == 0);
        }
    }

    @Test
    void garbageIsRefusedAndConsumesNothing() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.position(collector);
            for (var body : List.of("", "{", "[]", "{\"epoch\":\"0\"}", "null")) {
                assertEquals(
                        400,
                        await(http.pushing(token, "application/json", Buffer.buffer(body)))
                                .status(),
                        body);
                assertEquals(
                        400,
                        await(http.pushing(token, HttpBatch.MEDIA_TYPE, Buffer.buffer(body)))
                                .status(),
                        body);
            }
            assertEquals(0, http.house.store.accepts);
        }
    }

    @Test
    void beyondTheBytesOfTheServerAPushHasToWait() throws Exception {
        var limits = new IngestConfig(16 << 20, 4 << 20, 8 << 20, 1_000, 200_000, 20_000, 256 << 10, 2);
        try (var http = new HttpFixture(HttpFixture.CONFIG, limits, TlsConfig.off())) {
            var answer = http.push(collector, Buffer.buffer(new byte[20 << 20]));
            assertEquals(503, answer.status());
            assertEquals("OVERLOADED", answer.fault());
            eventually("nothing is held", () -> http.house.lobby.bytes().used() == 0);
        }
    }

    @Test
    void ambiguousRequestsSmuggleNothing() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            for (var ambiguous : List.of(
                    "Content-Length: 5\r\nContent-Length: 6\r\n",
                    "Content-Length: -1\r\n",
                    "Transfer-Encoding: chunked, identity\r\n",
                    "Content-Length : 5\r\n",
                    "X: y\r\n folded: z\r\nContent-Length: 1, 2\r\n")) {
                var raw = Raw.open(http);
                raw.say(head(ambiguous) + "0\r\n\r\nGET /mounted HTTP/1.1\r\nHost: x\r\n\r\n");
                raw.closed.get(10, TimeUnit.SECONDS);
                assertTrue(raw.read.toString().startsWith("HTTP/1.1 400"), ambiguous + raw.read);
                assertFalse(raw.read.toString().contains("here"), ambiguous + raw.read);
            }
        }
    }

    @Test
    void goingDownAnswersWhatIsUnderWay() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.position(collector);
            http.house.store.holding = true;
            var under = http.pushing(token, HttpBatch.MEDIA_TYPE, HttpFixture.body(SomeBatches.batch(1, 1, 1)));
            eventually("one is under way", () -> http.house.store.heldAnswers() == 1);
            Future<Void> down = http.house.vertx.undeploy(http.deployment);
            Thread.sleep(200);
            assertFalse(under.isComplete());
            http.house.store.letGo();
            assertEquals(200, await(under).status());
            await(down);
        }
    }
}
