package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.pganalytics.admission.RegistrationConfig;
import org.pganalytics.collector.Agent;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.config.ProfileFile;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.database.EmbeddedPostgres;

/** A server, a collector that watches the server's own PostgreSQL, and a shop that gives it something to see. */
final class Demo {
    private static final Duration START_MAX = Duration.ofMinutes(2);
    private static final int WORKLOAD_CONNECTIONS = 2;

    private final ServerConfig config;
    private final String registrationSecret;
    private final PrintWriter out;

    Demo(ServerConfig config, PrintWriter out) {
        this.registrationSecret = config.registration().secret().orElseGet(Demo::password);
        this.config = config.with(new RegistrationConfig(Optional.of(registrationSecret)));
        this.out = out;
    }

    /** Returns when a signal has ended it. @return whether all of it was closed, in time */
    boolean run() {
        var running = RunningServer.start(config);
        running.orEnd(() -> open(running));
        return running.untilStopped();
    }

    private void open(RunningServer running) {
        var server = running.server();
        var vertx = server.foundation().vertx();
        var shop =
                new DemoDatabase(vertx, superuser(server.foundation().embedded().orElseThrow()));
        var monitorPassword = password();
        Await.result(shop.prepare(monitorPassword), START_MAX, "preparing the demo's database");
        var pool = pool(vertx, shop.address());
        var workload = new DemoWorkload(vertx, pool, new Random());
        var agent = agent(server, shop, monitorPassword);
        var status = new StatusLine(server.foundation().meters(), agent::status, out);
        var deployed = Await.result(
                workload.start().compose(busy -> vertx.deployVerticle(agent)), START_MAX, "starting the collector");
        server.first()
                .adminToken()
                .ifPresent(
                        token -> SecretFile.adminToken(config.dataDirectory()).write(token));
        server.first()
                .adminCode()
                .ifPresent(code -> SecretFile.adminCode(config.dataDirectory()).write(code.text()));
        SecretFile.registration(config.dataDirectory()).write(registrationSecret);
        running.beforeStop(() -> stop(vertx, workload, pool, deployed));
        status.start(vertx);
        running.stopOn("TERM");
        running.stopOn("INT");
        new DemoGreeting(config.dataDirectory(), server.ports()).tell(out);
    }

    private Agent agent(Server server, DemoDatabase shop, String password) {
        var target = shop.address();
        var settings = CollectorConfigFile.of("""
                name = demo
                state.dir = "%s"
                registration.secret = "%s"
                # The server is in this process too.
                cpu-budget = 0
                servers = [ { host = "127.0.0.1", tcp-port = %d, http-port = %d } ]
                targets = [ { name = "demo", host = "127.0.0.1", port = %d, user = "%s", password = "%s",
                              database = "%s", sslmode = disable } ]
                """.formatted(
                        config.dataDirectory().resolve("collector"),
                        registrationSecret,
                        server.ports().getInteger("tcp"),
                        server.ports().getInteger("http"),
                        target.port(),
                        DemoDatabase.MONITOR,
                        password,
                        target.database()));
        return new Agent(
                settings, config.families(), server.foundation().meters(), Version.number(), ProfileFile::over);
    }

    private static Future<Void> stop(Vertx vertx, DemoWorkload workload, Pool pool, String agent) {
        workload.stop();
        return vertx.undeploy(agent).eventually(pool::close);
    }

    private static DatabaseAddress superuser(EmbeddedPostgres postgres) {
        return DatabaseAddress.parse(postgres.databaseUrl()).withPassfile(postgres.passfile());
    }

    private static Pool pool(Vertx vertx, DatabaseAddress address) {
        return PgBuilder.pool()
                .with(new PoolOptions().setName("demo-workload").setMaxSize(WORKLOAD_CONNECTIONS))
                .connectingTo(address.connectOptions().addProperty("application_name", "demo workload"))
                .using(vertx)
                .build();
    }

    private static String password() {
        var bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
