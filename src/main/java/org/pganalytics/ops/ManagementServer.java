package org.pganalytics.ops;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.pganalytics.http.Entrances;
import org.pganalytics.http.HttpConnections;
import org.pganalytics.http.Problems;

/** Answers health and metrics on a listener of its own. */
public final class ManagementServer extends VerticleBase {
    private static final int LINE_BYTES_MAX = 1 << 10;
    private static final long TICK_MILLIS = 1_000;
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final ManagementConfig config;
    private final PrometheusMeterRegistry registry;
    private final List<ReadinessCheck> checks;
    private final Consumer<HttpServerOptions> secure;
    private final Entrances entrances;
    private final Consumer<HttpServer> onListening;
    private final HttpConnections connections;
    private final Places places;
    private HttpServer server;
    private WorkerExecutor worker;

    private record Finding(String name, Optional<String> problem, boolean isWarning) {}

    /**
     * @param checks all of which must hold for ready
     * @param secure gives the listener TLS, or leaves it as it is
     * @param entrances where its own is put
     * @param onListening told once it listens
     */
    public ManagementServer(
            ManagementConfig config,
            PrometheusMeterRegistry registry,
            List<ReadinessCheck> checks,
            Consumer<HttpServerOptions> secure,
            Entrances entrances,
            Consumer<HttpServer> onListening) {
        this.config = config;
        this.registry = registry;
        this.checks = List.copyOf(checks);
        this.secure = secure;
        this.entrances = entrances;
        this.onListening = onListening;
        this.connections = new HttpConnections(System::nanoTime, config.idleTime());
        this.places = new Places(config.connectionsMax(), registry);
    }

    @Override
    public Future<?> start() {
        worker = vertx.createSharedWorkerExecutor("pganalytics-metrics", 1, 30, TimeUnit.SECONDS);
        var options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setMaxHeaderSize(config.headerBytesMax())
                .setMaxInitialLineLength(LINE_BYTES_MAX)
                .setMaxFormFields(0)
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout((int) config.idleTime().toMillis())
                .setCompressionSupported(true);
        secure.accept(options);
        entrances.put(options, places);
        var router = Router.router(vertx);
        Problems.install(router);
        router.route().handler(connections::busy);
        router.route().handler(ManagementServer::asItIs);
        router.get("/health/live").handler(ctx -> ctx.json(new JsonObject().put("status", "live")));
        router.get("/health/ready").handler(this::ready);
        router.get("/metrics").handler(this::metrics);
        server = vertx.createHttpServer(options)
                .connectionHandler(this::connected)
                .requestHandler(router);
        vertx.setPeriodic(Math.min(TICK_MILLIS, config.idleTime().toMillis() / 4), tick -> connections.closeIdle());
        return server.listen().onSuccess(bound -> onListening.accept(bound));
    }

    /** Only metrics are worth compressing; nothing else is, over TLS (BREACH), and no browser guesses what it is. */
    private static void asItIs(RoutingContext ctx) {
        ctx.response()
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader(HttpHeaders.CONTENT_ENCODING, HttpHeaders.IDENTITY);
        ctx.next();
    }

    private void connected(HttpConnection connection) {
        connections.opened(connection);
        connection.closeHandler(closed -> connections.closed(connection));
    }

    private void ready(RoutingContext ctx) {
        var findings = checks.stream().map(this::find).toList();
        Future.join(findings)
                .onSuccess(
                        all -> answer(ctx, findings.stream().map(Future::result).toList()))
                .onFailure(ctx::fail);
    }

    /** Never fails: a check that fails or takes too long has found a problem. */
    private Future<Finding> find(ReadinessCheck check) {
        return Future.<Void>succeededFuture()
                .compose(begin -> check.problem().get())
                .timeout(config.checkTime().toMillis(), TimeUnit.MILLISECONDS)
                .otherwise(failure -> Optional.of("the check failed: "
                        + (failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage())))
                .map(problem -> new Finding(check.name(), problem, check.isWarning()));
    }

    private static void answer(RoutingContext ctx, List<Finding> findings) {
        var reasons = new JsonObject();
        var warnings = new JsonObject();
        findings.forEach(finding -> finding.problem()
                .ifPresent(problem -> (finding.isWarning() ? warnings : reasons).put(finding.name(), problem)));
        ctx.response().setStatusCode(reasons.isEmpty() ? 200 : 503);
        ctx.json(new JsonObject()
                .put("status", reasons.isEmpty() ? "ready" : "not ready")
                .put("reasons", reasons)
                .put("warnings", warnings));
    }

    private void metrics(RoutingContext ctx) {
        worker.executeBlocking(registry::scrape)
                .onSuccess(text -> {
                    ctx.response().headers().remove(HttpHeaders.CONTENT_ENCODING);
                    ctx.response().putHeader("Content-Type", TEXT).end(text);
                })
                .onFailure(ctx::fail);
    }

    @Override
    public Future<?> stop() {
        return server.close().compose(closed -> worker.close());
    }
}
