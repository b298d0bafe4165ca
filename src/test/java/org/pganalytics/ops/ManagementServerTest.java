package org.pganalytics.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManagementServerTest {
    private final AtomicReference<Future<Optional<String>>> database =
            new AtomicReference<>(Future.succeededFuture(Optional.empty()));
    private final AtomicReference<Optional<String>> draining = new AtomicReference<>(Optional.empty());
    private final AtomicInteger port = new AtomicInteger();
    private Vertx vertx;
    private HttpClient client;

    @BeforeEach
    void open() throws Exception {
        vertx = Vertx.vertx();
        client = vertx.createHttpClient();
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMetrics(registry);
        var checks =
                List.of(new ReadinessCheck("database", database::get), ReadinessCheck.at("draining", draining::get));
        var config = new ManagementConfig("127.0.0.1", 0, Duration.ofMillis(200));
        await(vertx.deployVerticle(new ManagementServer(config, registry, checks, options -> {}, port::set)));
    }

    @AfterEach
    void close() throws Exception {
        await(client.close());
        await(vertx.close());
    }

    private String ask(String path) throws Exception {
        return await(client.request(HttpMethod.GET, port.get(), "127.0.0.1", path)
                .compose(request -> request.send()
                        .compose(response -> response.body().map(body -> response.statusCode() + " " + body))));
    }

    @Test
    void readyNeedsEveryCheckAndSaysWhichFailed() throws Exception {
        assertEquals("200 {\"status\":\"ready\",\"reasons\":{}}", ask("/health/ready"));
        draining.set(Optional.of("the server is going down"));
        assertEquals(
                "503 {\"status\":\"not ready\",\"reasons\":{\"draining\":\"the server is going down\"}}",
                ask("/health/ready"));
        draining.set(Optional.empty());
        database.set(Future.failedFuture("connection refused"));
        assertTrue(ask("/health/ready").contains("\"database\":\"the check failed: connection refused\""));
        assertEquals("200 {\"status\":\"live\"}", ask("/health/live"), "alive all the same");
    }

    @Test
    void aCheckThatHangsIsAProblem() throws Exception {
        database.set(Promise.<Optional<String>>promise().future());
        assertTrue(ask("/health/ready").startsWith("503"));
    }

    @Test
    void metricsAreInTheFormatOfPrometheus() throws Exception {
        var metrics = ask("/metrics");
        assertTrue(metrics.startsWith("200 "));
        assertTrue(metrics.contains("jvm_memory_used_bytes{"));
        assertTrue(metrics.contains("process_files_open_files"));
        assertTrue(ask("/elsewhere").contains("urn:pganalytics:fault:NOT_FOUND"));
    }
}
