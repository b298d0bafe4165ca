package org.pganalytics.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;

/** Which pages may call the API from a browser: none as shipped, and no other than those named. */
class CorsTest {
    private static final Duration TIME = Duration.ofSeconds(60);

    @ParameterizedTest
    @CsvSource({
        "https://a.example, https://a.example, https://a.example",
        "https://a.example, https://b.example, ''",
        "https://a.example, null, ''",
        "'', https://a.example, ''"
    })
    void onlyANamedOriginIsAllowed(String configured, String origin, String allowed) throws Exception {
        var vertx = Vertx.vertx();
        try {
            var contract = Contract.ofClassPath();
            var config = new ApiConfig(configured.isEmpty() ? List.of() : List.of(configured));
            var routes = new ContractRoutes(
                    contract,
                    ctx -> Future.failedFuture(Fault.UNAUTHENTICATED.because("nobody")),
                    ctx -> null,
                    config,
                    TIME,
                    TIME);
            contract.operations().stream()
                    .filter(operation -> !operation.atDoor())
                    .forEach(operation -> routes.on(operation.id(), call -> Future.succeededFuture(Answer.nothing())));
            var router = Router.router(vertx);
            Problems.install(router);
            routes.mount(router);
            var asked = vertx.createHttpServer()
                    .requestHandler(router)
                    .listen(0, "127.0.0.1")
                    .compose(server -> vertx.createHttpClient()
                            .request(HttpMethod.OPTIONS, server.actualPort(), "127.0.0.1", "/api/v1/targets"))
                    .compose(request -> request.putHeader("Origin", origin)
                            .putHeader("Access-Control-Request-Method", "GET")
                            .send()
                            .map(response -> String.valueOf(response.getHeader("Access-Control-Allow-Origin"))));
            var told = asked.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertEquals(allowed.isEmpty() ? "null" : allowed, told);
        } finally {
            vertx.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "a.example",
                "https://",
                "https://a.example/x",
                "https://u@a.example",
                "ftp://a",
                "https://a?b"
            })
    void whatIsNoOriginIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> new ApiConfig(List.of(text)));
    }

    @Test
    void anOperationThatNobodyAnswersIsABugFoundAtTheStart() {
        var vertx = Vertx.vertx();
        try {
            var routes = new ContractRoutes(
                    Contract.ofClassPath(), ctx -> null, ctx -> null, new ApiConfig(List.of()), TIME, TIME);
            assertThrows(IllegalStateException.class, () -> routes.mount(Router.router(vertx)));
            assertThrows(IllegalArgumentException.class, () -> routes.on("push", call -> null));
            assertThrows(IllegalArgumentException.class, () -> routes.on("nobody", call -> null));
        } finally {
            vertx.close();
        }
    }
}
