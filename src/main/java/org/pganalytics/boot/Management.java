package org.pganalytics.boot;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.bus.Bus;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.ops.EventLoopLag;
import org.pganalytics.ops.IngestMetrics;
import org.pganalytics.ops.JvmMetrics;
import org.pganalytics.ops.ManagementServer;
import org.pganalytics.ops.ReadinessCheck;
import org.pganalytics.tls.ListenerSecurity;

/** The management listener: answers before the doors open, and until they have closed. */
final class Management {
    private final ServerConfig config;
    private final Foundation foundation;
    private final Bus bus;
    private final Optional<SharedState> shared;
    private final Auditing auditing;
    private final AtomicInteger port = new AtomicInteger();
    private volatile String notReady = "starting";
    private volatile Storehouse storehouse;
    private JvmMetrics jvm;

    Management(ServerConfig config, Foundation foundation, Bus bus, Optional<SharedState> shared, Auditing auditing) {
        this.auditing = auditing;
        this.shared = shared;
        this.config = config;
        this.foundation = foundation;
        this.bus = bus;
    }

    Future<Void> open() {
        Vertx vertx = foundation.vertx();
        var meters = foundation.meters();
        jvm = new JvmMetrics(meters);
        new IngestMetrics(bus, meters);
        var checks = List.of(
                ReadinessCheck.at("server", () -> Optional.ofNullable(notReady)),
                new ReadinessCheck("database", this::databaseProblem),
                ReadinessCheck.warning("redis", () -> shared.flatMap(SharedState::problem)),
                ReadinessCheck.warning("audit", auditing::problem));
        var everyLoop = new DeploymentOptions().setInstances(config.eventLoops());
        return vertx.deployVerticle(() -> new EventLoopLag(meters, System::nanoTime), everyLoop)
                .compose(measured -> vertx.executeBlocking(
                        () -> foundation.certificates().secure("management", config.managementTls())))
                .compose(security -> listen(checks, security));
    }

    private Future<Void> listen(List<ReadinessCheck> checks, ListenerSecurity security) {
        var address = config.management();
        var listener = new ManagementServer(
                address, foundation.meters(), checks, security::secure, foundation.entrances(), server -> {
                    port.set(server.actualPort());
                    security.follow(server::updateSSLOptions);
                });
        var deployed = foundation.vertx().deployVerticle(listener);
        return BindFailure.of("management", address.host(), address.port(), deployed)
                .mapEmpty();
    }

    private Future<Optional<String>> databaseProblem() {
        return storehouse == null ? Future.succeededFuture(Optional.empty()) : storehouse.problem();
    }

    void opened(Storehouse open) {
        storehouse = open;
        notReady = null;
    }

    void draining() {
        notReady = "draining";
    }

    void close() {
        if (jvm != null) {
            jvm.close();
        }
    }

    int port() {
        return port.get();
    }
}
