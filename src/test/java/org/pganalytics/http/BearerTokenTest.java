package org.pganalytics.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.fault.FaultException;

class BearerTokenTest {
    @ParameterizedTest
    @CsvSource({
        "Bearer abc,abc",
        "bearer  abc,abc",
        "Basic abc,UNAUTHENTICATED",
        "Bearer a|Bearer b,UNAUTHENTICATED",
        "|,UNAUTHENTICATED"
    })
    void onlyOneBearerHeaderIsTaken(String headers, String expected) throws Exception {
        var vertx = Vertx.vertx();
        try {
            var server = vertx.createHttpServer()
                    .requestHandler(request -> request.response().end(read(request)));
            var listening = server.listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(9, TimeUnit.SECONDS);
            var answer = vertx.createHttpClient()
                    .request(HttpMethod.GET, listening.actualPort(), "127.0.0.1", "/")
                    .compose(request -> request.putHeader(
                                    "Authorization", (Iterable<String>) List.of(headers.split("\\|")))
                            .send()
                            .compose(response -> response.body()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(9, TimeUnit.SECONDS);
            assertEquals(expected, answer.toString());
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        }
    }

    private static String read(io.vertx.core.http.HttpServerRequest request) {
        try {
            return BearerToken.of(request);
        } catch (FaultException refused) {
            return refused.fault().name();
        }
    }
}
