package org.pganalytics.ops;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.pganalytics.http.Problems;

/** Answers health and metrics on a listener of its own. */
public final class ManagementServer extends VerticleBase {
    private static final int IDLE_SECONDS = 60;
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final ManagementConfig config;
    private final PrometheusMeterRegistry registry;
    private final List<ReadinessCheck> checks;
    private final Consumer<HttpServerOptions> secure;
    private final IntConsumer onPort;
    private HttpServer server;
    private WorkerExecutor worker;

    private record Finding(String name, Optional<String> problem) {}

    /**
     * @param checks all of which must hold for ready
     * @param secure gives the listener TLS, or leaves it as it is
     * @param onPort told the port that was bound
     */
    public ManagementServer(
            ManagementConfig config,
            PrometheusMeterRegistry registry,
            List<ReadinessCheck> checks,
            Consumer<HttpServerOptions> secure,
            IntConsumer onPort) {
        this.config = config;
        this.registry = registry;
        this.checks = List.copyOf(checks);
        this.secure = secure;
        this.onPort = onPort;
    }

    @Override
    public Future<?> start() {
        worker = vertx.createSharedWorkerExecutor("pganalytics-metrics", 1, 30, TimeUnit.SECONDS);
        var options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setIdleTimeout(IDLE_SECONDS)
                .setCompressionSupported(true);
        secure.accept(options);
        var router = Router.router(vertx);
        Problems.install(router);
        router.get("/health/live").handler(ctx -> ctx.json(new JsonObject().put("status", "live")));
        router.get("/health/ready").handler(this::ready);
        router.get("/metrics").handler(this::metrics);
        server = vertx.createHttpServer(options).requestHandler(router);
        return server.listen().onSuccess(bound -> onPort.accept(bound.actualPort()));
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
                .map(problem -> new Finding(check.name(), problem));
    }

    private static void answer(RoutingContext ctx, List<Finding> findings) {
        var reasons = new JsonObject();
        findings.forEach(finding -> finding.problem().ifPresent(problem -> reasons.put(finding.name(), problem)));
        ctx.response().setStatusCode(reasons.isEmpty() ? 200 : 503);
        ctx.json(new JsonObject()
                .put("status", reasons.isEmpty() ? "ready" : "not ready")
                .put("reasons", reasons));
    }

    private void metrics(RoutingContext ctx) {
        worker.executeBlocking(registry::scrape)
                .onSuccess(
                        text -> ctx.response().putHeader("Content-Type", TEXT).end(text))
                .onFailure(ctx::fail);
    }

    @Override
    public Future<?> stop() {
        return server.close().compose(closed -> worker.close());
    }
}
