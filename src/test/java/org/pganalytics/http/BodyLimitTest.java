package org.pganalytics.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;

/** Small bodies: those within the limit arrive whole, the others are refused. */
class BodyLimitTest {

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<Fault> faults = new LinkedBlockingQueue<>();
    private int port;

    @BeforeEach
    void listen() throws Exception {
        var router = Router.router(vertx);
        Problems.install(router);
        var limit = new BodyLimit(1_000, Duration.ofMinutes(10));
        router.route()
                .handler(ctx -> limit.read(ctx)
                        .onSuccess(bytes -> ctx.end(String.valueOf(bytes.length())))
                        .onFailure(failure -> faults.add(Fault.of(failure)))
                        .onFailure(ctx::fail));
        port = await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"))
                .actualPort();
    }

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** @param announced what Content-Length says; below 0 for a chunked body */
    private String post(int announced, int chunks, int chunkBytes) throws Exception {
        return await(vertx.createHttpClient()
                .request(HttpMethod.POST, port, "127.0.0.1", "/")
                .compose(request -> {
                    if (announced < 0) {
                        request.setChunked(true);
                    } else {
                        request.putHeader("Content-Length", String.valueOf(announced));
                    }
                    for (int i = 0; i < chunks; i++) {
                        request.write("x".repeat(chunkBytes)).otherwiseEmpty();
                    }
                    if (announced <= chunks * chunkBytes) {
                        request.end().otherwiseEmpty();
                    } else {
                        request.sendHead().otherwiseEmpty();
                    }
                    return request.response();
                })
                .compose(response -> response.body().map(body -> response.statusCode() + " " + body)));
    }

    @Test
    void whatIsWithinTheLimitArrivesWhole() throws Exception {
        assertEquals("200 1000", post(1_000, 10, 100));
        assertEquals("200 1000", post(-1, 1_000, 1));
        assertEquals("200 0", post(0, 0, 0));
    }

    @Test
    void oneByteMoreIsRefusedAsSoonAsItIsKnown() throws Exception {
        assertEquals("413", post(1_001, 0, 0).substring(0, 3));
        assertEquals("413", post(-1, 1_001, 1).substring(0, 3));
        assertEquals(Fault.TOO_LARGE, faults.poll());
        assertEquals(Fault.TOO_LARGE, faults.poll());
    }

    @Test
    void aBodyThatIsCutOffIsNoFailureOfTheServer() throws Exception {
        var socket = await(vertx.createNetClient().connect(port, "127.0.0.1"));
        await(socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx"));
        await(socket.close());
        assertEquals(Fault.BAD_REQUEST, faults.poll(30, TimeUnit.SECONDS));
    }

    @Test
    void whoWaitsToBeAskedForTheBodyIsAsked() throws Exception {
        var answer = await(vertx.createHttpClient()
                .request(HttpMethod.POST, port, "127.0.0.1", "/")
                .compose(request -> {
                    request.putHeader("Expect", "100-continue").putHeader("Content-Length", "5");
                    request.continueHandler(go -> request.end("hello"));
                    return request.sendHead().compose(written -> request.response());
                })
                .compose(response -> response.body()));
        assertEquals("5", answer.toString());
    }
}
