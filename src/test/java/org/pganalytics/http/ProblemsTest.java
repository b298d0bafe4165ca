package org.pganalytics.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pganalytics.fault.Fault;

class ProblemsTest {
    private Vertx vertx;
    private HttpServer server;
    private HttpClient client;

    private record Answer(int status, String type, String retryAfter, JsonObject body) {}

    @BeforeEach
    void open() throws Exception {
        vertx = Vertx.vertx();
        client = vertx.createHttpClient();
        var router = Router.router(vertx);
        Problems.install(router);
        router.get("/fault/:name")
                .handler(ctx -> ctx.fail(Fault.valueOf(ctx.pathParam("name")).because("so it is")));
        router.get("/late")
                .handler(ctx -> ctx.fail(Fault.RATE_LIMITED.because("x").retryAfter(Duration.ofMillis(1_500))));
        router.get("/gap")
                .handler(ctx -> ctx.fail(Fault.POSITION_GAP.because("x").expecting(Long.MAX_VALUE)));
        router.get("/settled").handler(ctx -> ctx.put(Problems.MARK, 7L).fail(Fault.BAD_DATA.because("x")));
        router.get("/bug").handler(ctx -> {
            throw new IllegalStateException("password=hunter2");
        });
        router.get("/bare/:status").handler(ctx -> ctx.fail(Integer.parseInt(ctx.pathParam("status"))));
        router.get("/begun").handler(ctx -> {
            ctx.response().setChunked(true).write("half");
            ctx.fail(Fault.INTERNAL.because("x"));
        });
        router.post("/body").handler(BodyHandler.create(false).setBodyLimit(10)).handler(ctx -> ctx.end());
        router.post("/early").handler(ctx -> ctx.fail(Fault.TOO_LARGE.because("x")));
        server = await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    }

    @AfterEach
    void close() throws Exception {
        await(client.close());
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Answer ask(HttpMethod method, String path, Buffer body) throws Exception {
        return await(client.request(method, server.actualPort(), "127.0.0.1", path)
                .compose(request -> request.send(body).compose(ProblemsTest::read)));
    }

    private static Future<Answer> read(HttpClientResponse response) {
        return response.body()
                .map(body -> new Answer(
                        response.statusCode(),
                        response.getHeader("content-type"),
                        response.getHeader("retry-after"),
                        body.length() == 0 ? new JsonObject() : body.toJsonObject()));
    }

    @ParameterizedTest
    @EnumSource
    void everyFaultIsAProblem(Fault fault) throws Exception {
        var answer = ask(HttpMethod.GET, "/fault/" + fault, Buffer.buffer());

        assertEquals(fault.httpStatus(), answer.status());
        assertEquals("application/problem+json", answer.type());
        assertEquals("urn:pganalytics:fault:" + fault, answer.body().getString("type"));
        assertEquals(fault.title(), answer.body().getString("title"));
        assertEquals(fault.httpStatus(), answer.body().getInteger("status"));
        assertEquals("so it is", answer.body().getString("detail"));
        assertEquals(fault.retryable(), answer.retryAfter() != null);
    }

    @Test
    void theSenderLearnsWhenAndFromWhere() throws Exception {
        assertEquals("2", ask(HttpMethod.GET, "/late", Buffer.buffer()).retryAfter(), "rounded up");
        var gap = ask(HttpMethod.GET, "/gap", Buffer.buffer());
        assertEquals("9223372036854775807", gap.body().getString("expected"));
        assertEquals("0", gap.retryAfter(), "it can go back at once");
        var settled = ask(HttpMethod.GET, "/settled", Buffer.buffer());
        assertEquals("7", settled.body().getString("mark"));
        assertNull(settled.retryAfter());
    }

    @Test
    void aBugTellsNothingOfTheInside() throws Exception {
        var answer = ask(HttpMethod.GET, "/bug", Buffer.buffer());

        assertEquals(500, answer.status());
        assertFalse(answer.body().encode().contains("hunter2"));
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.CsvSource({
        "400,BAD_REQUEST",
        "401,UNAUTHENTICATED",
        "403,FORBIDDEN",
        "404,NOT_FOUND",
        "405,METHOD_NOT_ALLOWED",
        "413,TOO_LARGE",
        "415,UNSUPPORTED_MEDIA",
        "429,RATE_LIMITED",
        "503,OVERLOADED",
        "500,INTERNAL",
        "418,BAD_REQUEST"
    })
    void aBareStatusIsAProblemToo(int status, Fault fault) throws Exception {
        var answer = ask(HttpMethod.GET, "/bare/" + status, Buffer.buffer());

        assertEquals(fault.httpStatus(), answer.status());
        assertEquals("urn:pganalytics:fault:" + fault, answer.body().getString("type"));
    }

    @Test
    void whatTheRouterRefusesIsAProblem() throws Exception {
        assertEquals("urn:pganalytics:fault:NOT_FOUND", type(ask(HttpMethod.GET, "/nowhere", Buffer.buffer())));
        assertEquals("urn:pganalytics:fault:METHOD_NOT_ALLOWED", type(ask(HttpMethod.PUT, "/gap", Buffer.buffer())));
        assertEquals(
                "urn:pganalytics:fault:TOO_LARGE", type(ask(HttpMethod.POST, "/body", Buffer.buffer("x".repeat(11)))));
    }

    private static String type(Answer answer) {
        return answer.body().getString("type");
    }

    @Test
    void anAnswerThatHasBegunIsCutAndTheServerLives() throws Exception {
        var cut = client.request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/begun")
                .compose(request -> request.send().compose(HttpClientResponse::body));
        await(cut.transform(end -> {
            assertEquals(true, end.failed(), "half an answer must not look whole");
            return Future.succeededFuture();
        }));
        assertEquals(404, ask(HttpMethod.GET, "/nowhere", Buffer.buffer()).status());
    }

    @Test
    void aSenderStillPushingItsBodyReadsTheAnswer() throws Exception {
        assertEquals(
                "urn:pganalytics:fault:TOO_LARGE",
                type(ask(HttpMethod.POST, "/early", Buffer.buffer(new byte[8 << 20]))));
    }
}
