package org.pganalytics.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.http.Entrances;
import org.pganalytics.ingest.http.DoorTransport;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.tls.TestCertificate;

class ManagementServerTest {
    private final AtomicReference<Future<Optional<String>>> database =
            new AtomicReference<>(Future.succeededFuture(Optional.empty()));
    private final AtomicReference<Optional<String>> draining = new AtomicReference<>(Optional.empty());
    private final AtomicReference<Optional<String>> redis = new AtomicReference<>(Optional.empty());
    private final AtomicInteger port = new AtomicInteger();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private Vertx vertx;
    private NetClient sockets;
    private HttpClient client;

    @TempDir
    Path folder;

    @BeforeEach
    void open() throws Exception {
        open(options -> {});
    }

    private void open(Consumer<HttpServerOptions> secure) throws Exception {
        var entrances = new Entrances();
        vertx = Vertx.builder().withTransport(DoorTransport.ofSystem(entrances)).build();
        client = vertx.createHttpClient();
        sockets = vertx.createNetClient();
        new JvmMetrics(registry);
        var checks = List.of(
                new ReadinessCheck("database", database::get),
                ReadinessCheck.at("draining", draining::get),
                ReadinessCheck.warning("redis", redis::get));
        var config = new ManagementConfig("127.0.0.1", 0, Duration.ofMillis(200), 3, Duration.ofSeconds(1), 1 << 10);
        await(vertx.deployVerticle(new ManagementServer(
                config, registry, checks, secure, entrances, server -> port.set(server.actualPort()))));
    }

    @AfterEach
    void close() throws Exception {
        await(client.close());
        await(sockets.close());
        await(vertx.close());
    }

    private String ask(String path) throws Exception {
        return await(client.request(HttpMethod.GET, port.get(), "127.0.0.1", path)
                .compose(request -> request.send()
                        .compose(response -> response.body().map(body -> response.statusCode() + " " + body))));
    }

    @Test
    void readyNeedsEveryCheckAndSaysWhichFailed() throws Exception {
        assertEquals("200 {\"status\":\"ready\",\"reasons\":{},\"warnings\":{}}", ask("/health/ready"));
        draining.set(Optional.of("the server is going down"));
        assertEquals(
                "503 {\"status\":\"not ready\",\"reasons\":{\"draining\":\"the server is going down\"},"
                        + "\"warnings\":{}}",
                ask("/health/ready"));
        draining.set(Optional.empty());
        database.set(Future.failedFuture("connection refused"));
        assertTrue(ask("/health/ready").contains("\"database\":\"the check failed: connection refused\""));
        assertEquals("200 {\"status\":\"live\"}", ask("/health/live"), "alive all the same");
    }

    @Test
    void aWarningIsToldAndTheServerIsReadyAllTheSame() throws Exception {
        redis.set(Optional.of("it is away"));
        assertEquals(
                "200 {\"status\":\"ready\",\"reasons\":{},\"warnings\":{\"redis\":\"it is away\"}}",
                ask("/health/ready"));
    }

    @Test
    void aCheckThatHangsIsAProblem() throws Exception {
        database.set(Promise.<Optional<String>>promise().future());
        assertTrue(ask("/health/ready").startsWith("503"));
    }

    private CompletableFuture<String> say(String text) throws Exception {
        var read = Buffer.buffer();
        var closed = new CompletableFuture<String>();
        await(sockets.connect(port.get(), "127.0.0.1").onSuccess(socket -> {
            socket.exceptionHandler(broken -> {});
            socket.handler(read::appendBuffer);
            socket.closeHandler(end -> closed.complete(read.toString()));
            socket.write(text);
        }));
        return closed;
    }

    private double connections() {
        return registry.get("pganalytics.management.connections").gauge().value();
    }

    @Test
    void moreConnectionsThanAllowedAreClosedCountedAndLaterTakenAgain() throws Exception {
        takeAllPlacesInSilence();
        assertEquals("", say("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").get(10, TimeUnit.SECONDS));
        assertEquals(
                1,
                registry.get("pganalytics.management.connections.refused")
                        .counter()
                        .count());
        eventually("the idle ones are closed", () -> connections() == 0);
        assertEquals("200 {\"status\":\"live\"}", ask("/health/live"));
    }

    private void takeAllPlacesInSilence() throws Exception {
        for (int silent = 0; silent < 3; silent++) {
            var unused = say("");
        }
        eventually("all places are taken, by connections that say nothing", () -> connections() == 3);
    }

    @Test
    void aConnectionThatNeverShakesHandsTakesAPlace() throws Exception {
        close();
        registry.clear();
        var tls = TestCertificate.make(folder, "RSA", "-1d").config("TLSv1.3");
        open(ListenerSecurity.load(tls, Clock.systemUTC())::secure);
        takeAllPlacesInSilence();
        assertEquals("", say("").get(10, TimeUnit.SECONDS));
        await(sockets.close());
        eventually("all places are free", () -> connections() == 0);
        sockets = vertx.createNetClient();
    }

    @Test
    void aHeadThatNeverEndsAndOneTooLargeAreClosed() throws Exception {
        var slow = await(sockets.connect(port.get(), "127.0.0.1"));
        var closed = new CompletableFuture<Void>();
        slow.exceptionHandler(broken -> {});
        slow.closeHandler(end -> closed.complete(null));
        long trickle = vertx.setPeriodic(20, tick -> slow.write("G"));
        closed.get(10, TimeUnit.SECONDS);
        vertx.cancelTimer(trickle);
        var large = say("GET /health/live HTTP/1.1\r\nX: " + "x".repeat(2 << 10) + "\r\n\r\n");
        assertTrue(large.get(10, TimeUnit.SECONDS).startsWith("HTTP/1.1 431"));
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
