package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.HttpBatch;

/** The protocol over HTTP against a server that keeps a ledger of one number. */
class HttpLinkTest {
    private static final LinkConfig CONFIG = new LinkConfig(
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            Duration.ofMillis(50),
            Duration.ofMillis(2_000),
            64,
            Duration.ofMillis(5),
            Duration.ofMillis(50));
    private static final UUID COLLECTOR = UUID.randomUUID();

    private final List<Long> stored = new CopyOnWriteArrayList<>();
    private final AtomicInteger pushes = new AtomicInteger();
    private final AtomicInteger renewals = new AtomicInteger();
    private final MemorySource source = new MemorySource(40);
    private final MemoryCredentials credentials = new MemoryCredentials();
    private volatile Predicate<HttpServerRequest> accident = request -> false;
    private Vertx vertx;
    private HttpServer server;
    private Sender sender;

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
        server = vertx.createHttpServer().requestHandler(this::serve);
        Waiting.on(server.listen(0, "127.0.0.1"));
    }

    @AfterEach
    void close() {
        Waiting.on(sender.stop());
        Waiting.on(vertx.close());
    }

    private void serve(HttpServerRequest request) {
        if (accident.test(request)) {
            return;
        }
        if (request.path().endsWith("/register")) {
            assertEquals("a-registration-secret", request.getHeader("X-Registration-Secret"));
            granted(request, 201);
        } else if (request.path().endsWith("/refresh-token")) {
            renewals.incrementAndGet();
            granted(request, 200);
        } else if (request.method() == HttpMethod.GET) {
            request.response()
                    .end(new JsonObject().put("epoch", "1").put("mark", mark()).encode());
        } else {
            request.body().onSuccess(body -> {
                var position = HttpBatch.parse(body, new FrameCodec(1 << 24))
                        .batch()
                        .header()
                        .position();
                if (position.sequence() == stored.size() + 1) {
                    stored.add(position.sequence());
                }
                request.response().end(new JsonObject().put("mark", mark()).encode());
            });
        }
    }

    private void granted(HttpServerRequest request, int status) {
        request.response()
                .setStatusCode(status)
                .end(new JsonObject()
                        .put("collector_id", COLLECTOR.toString())
                        .put("token", "token-" + renewals.get())
                        .put("refresh_secret", "refresh")
                        .put("expires_in", 3600)
                        .encode());
    }

    private String mark() {
        return Integer.toString(stored.size());
    }

    private static boolean refuse(HttpServerRequest request, Fault fault, JsonObject more) {
        request.body()
                .onSuccess(body -> request.response()
                        .setStatusCode(fault.httpStatus())
                        .end(more.put("type", "urn:pganalytics:fault:" + fault.name())
                                .encode()));
        return true;
    }

    private boolean isPush(HttpServerRequest request, int number) {
        return request.path().endsWith("/push") && pushes.incrementAndGet() == number;
    }

    private void send() {
        var client = vertx.createHttpClient();
        var address = new RequestOptions().setHost("127.0.0.1").setPort(server.actualPort());
        sender = new Sender(
                vertx,
                List.of(() -> new HttpLink(
                        vertx, client, address, HttpForm.ofFrames(), CONFIG, credentials, source, Clock.systemUTC())),
                new BackOff(CONFIG.retryFirst(), CONFIG.retryMax(), new Random(1)),
                Duration.ofMinutes(5),
                end -> {});
        vertx.getOrCreateContext().runOnContext(go -> sender.start());
    }

    private void allIsSettled() {
        Waiting.until(() -> source.settled == 40);
        assertEquals(40, stored.size());
    }

    @Test
    void aCollectorRegistersAndPushesAll() {
        send();
        allIsSettled();
        assertEquals(COLLECTOR, credentials.grant.orElseThrow().collector());
        assertEquals(1, sender.connects());
    }

    @Test
    void anAnswerThatIsLostIsMadeGoodByAskingForThePosition() {
        accident = request -> {
            if (!isPush(request, 5)) {
                return false;
            }
            request.body().onSuccess(body -> {
                stored.add(5L);
                request.connection().close();
            });
            return true;
        };
        send();
        allIsSettled();
        assertEquals(2, sender.connects());
    }

    @Test
    void refusalsForNowAreWaitedOutOnTheSameLink() {
        accident = request -> isPush(request, 3)
                ? refuse(request, Fault.STORE_DOWN, new JsonObject())
                : request.path().endsWith("/push")
                        && pushes.get() == 7
                        && refuse(
                                request,
                                Fault.POSITION_GAP,
                                new JsonObject().put("expected", "" + (stored.size() + 1)));
        send();
        allIsSettled();
        assertEquals(List.of(Fault.STORE_DOWN, Fault.POSITION_GAP), source.refusals);
        assertEquals(1, sender.connects());
    }

    @Test
    void aBatchRefusedForGoodIsSettled() {
        accident = request -> {
            if (!isPush(request, 4)) {
                return false;
            }
            stored.add(4L);
            return refuse(request, Fault.BAD_DATA, new JsonObject().put("mark", "4"));
        };
        send();
        allIsSettled();
        assertEquals(List.of(Fault.BAD_DATA), source.refusals);
    }

    /** A proxy, or a server of another kind, says 200 to anything. */
    @Test
    void aGoodAnswerWithoutAMarkSettlesNothing() {
        accident = request -> {
            if (!isPush(request, 40)) {
                return false;
            }
            request.body().onSuccess(body -> request.response().end("{\"status\":\"ok\"}"));
            return true;
        };
        send();
        allIsSettled();
        assertEquals(2, sender.connects());
    }

    @Test
    void aPositionThatIsNoneBeginsNothing() {
        var asked = new AtomicInteger();
        accident = request -> {
            if (request.method() != HttpMethod.GET || asked.incrementAndGet() > 1) {
                return false;
            }
            request.response().end("{}");
            return true;
        };
        send();
        allIsSettled();
        assertEquals(2, sender.connects());
    }

    @Test
    void aTokenThatIsRefusedIsRenewed() {
        accident = request ->
                isPush(request, 2) && refuse(request, Fault.UNAUTHENTICATED, new JsonObject().put("detail", "expired"));
        send();
        allIsSettled();
        assertEquals(1, renewals.get());
    }

    @Test
    void anInstanceThatWasFollowedByAnotherBeginsAnew() {
        accident = request -> isPush(request, 2) && refuse(request, Fault.EPOCH_OLD, new JsonObject());
        send();
        allIsSettled();
        assertEquals(1, source.superseded);
        assertEquals(2, sender.connects());
    }

    /** What answers is some other server, which has a lot to say. */
    @Test
    void anAnswerWithoutEndIsNotReadToItsEnd() {
        accident = request -> {
            if (!isPush(request, 3)) {
                return false;
            }
            var response = request.response().setChunked(true);
            var some = "x".repeat(8 << 10);
            for (int part = 0; part < 20; part++) {
                response.write(some);
            }
            return true;
        };
        send();
        allIsSettled();
        assertEquals(2, sender.connects());
    }

    @Test
    void anAnswerThatTricklesInIsGivenUp() {
        accident = request -> {
            if (!isPush(request, 3)) {
                return false;
            }
            request.response().setChunked(true).write("{");
            vertx.setPeriodic(20, tick -> request.response().write(" "));
            return true;
        };
        send();
        allIsSettled();
        assertEquals(2, sender.connects());
    }

    @Test
    void aPositionConflictStopsIt() {
        accident = request -> isPush(request, 2) && refuse(request, Fault.POSITION_CONFLICT, new JsonObject());
        send();
        Waiting.until(() -> sender.isStopped());
        assertTrue(sender.lastEnd().orElseThrow().last());
    }
}
