package org.pganalytics.collector.load;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.collector.load.FakeServer.Account;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Digest;
import org.pganalytics.wire.BatchDecoder;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.NativeJson;
import org.pganalytics.wire.WireLimits;

/** The HTTP side of a server, its ledger in memory; every seventh push is refused for the moment. */
final class FakeHttpServer {
    private static final int REFUSED_EVERY = 7;

    private record Push(BatchPosition position, Digest digest, List<ColumnBlock> blocks) {}

    final Map<UUID, Account> accounts = new ConcurrentHashMap<>();
    final Set<String> versions = ConcurrentHashMap.newKeySet();
    final List<String> complaints = new CopyOnWriteArrayList<>();
    private final AtomicInteger pushes = new AtomicInteger();
    private final FrameCodec codec = new FrameCodec(1 << 26);
    private final HttpServer server;

    FakeHttpServer(Vertx vertx) {
        server = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> take(request, body)));
    }

    Future<Integer> start() {
        return server.listen(0, "127.0.0.1").map(HttpServer::actualPort);
    }

    Future<?> stop() {
        return server.close();
    }

    private void take(HttpServerRequest request, Buffer body) {
        versions.add(request.version().name());
        switch (request.path()) {
            case "/api/v1/collectors/register" -> register(request);
            case "/api/v1/metrics/position" -> {
                var account = accountOf(request);
                answer(request, 200, new JsonObject().put("epoch", 1).put("mark", account.mark()));
            }
            default -> push(request, body);
        }
    }

    private void register(HttpServerRequest request) {
        if (!FakeServer.SECRET.equals(request.getHeader("X-Registration-Secret"))) {
            refuse(request, Fault.UNAUTHENTICATED, new JsonObject());
            return;
        }
        var collector = UUID.randomUUID();
        accounts.put(collector, new Account());
        answer(
                request,
                201,
                new JsonObject()
                        .put("collector_id", collector.toString())
                        .put("token", collector.toString())
                        .put("refresh_secret", "refresh")
                        .put("expires_in", 3_600));
    }

    private void push(HttpServerRequest request, Buffer body) {
        var account = accountOf(request);
        var push = read(request, body);
        long sequence = push.position().sequence();
        if (!account.knows(sequence, push.digest())) {
            complaints.add("batch %d came again with another body".formatted(sequence));
        }
        if (pushes.incrementAndGet() % REFUSED_EVERY == 0) {
            refuse(request, Fault.RATE_LIMITED, new JsonObject());
        } else if (sequence > account.mark() + 1) {
            refuse(request, Fault.POSITION_GAP, new JsonObject().put("expected", account.mark() + 1));
        } else {
            if (sequence > account.mark()) {
                account.stored.addAll(push.blocks());
                account.settle(sequence);
            }
            answer(request, 200, new JsonObject().put("mark", account.mark()));
        }
    }

    private Push read(HttpServerRequest request, Buffer body) {
        if (NativeJson.MEDIA_TYPE.equals(request.getHeader("Content-Type"))) {
            var push = new NativeJson(WireLimits.standard()).parse(body);
            return new Push(push.position(), push.digest(), ((BatchContent.Decoded) push.content()).blocks());
        }
        var push = HttpBatch.parse(body, codec);
        var header = push.batch().header();
        var blocks = new BatchDecoder(WireLimits.standard())
                .decode(header, push.batch().body(), push.byFingerprint());
        return new Push(header.position(), header.digest(), blocks);
    }

    private Account accountOf(HttpServerRequest request) {
        return accounts.get(UUID.fromString(request.getHeader("Authorization").substring("Bearer ".length())));
    }

    private static void refuse(HttpServerRequest request, Fault fault, JsonObject problem) {
        answer(request, fault.httpStatus(), problem.put("type", "urn:pganalytics:fault:" + fault.name()));
    }

    private static void answer(HttpServerRequest request, int status, JsonObject body) {
        request.response().setStatusCode(status).end(body.toBuffer());
    }
}
