package org.pganalytics.boot;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.pganalytics.admission.RegistrationSecrets;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.bus.Bus;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.database.Database;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.fleet.Collectors;
import org.pganalytics.secrets.Argon2;

/**
 * The fleet's inventory, its registration secrets included, for a command beside the server: straight from the database,
 * the embedded one if that is it.
 */
final class Inventory {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ServerConfig config;

    Inventory(ServerConfig config) {
        this.config = config;
    }

    <T> T ask(Function<Collectors, Future<T>> question) {
        return ask((vertx, pool) -> question.apply(new Collectors(pool, new AuditTrail(), new Bus(vertx))));
    }

    /** The same of the registration secrets. */
    <T> T askSecrets(Function<RegistrationSecrets, Future<T>> question) {
        return ask((vertx, pool) -> {
            var argon2 = new Argon2(vertx.createSharedWorkerExecutor("argon2", 1), new SecureRandom());
            return question.apply(new RegistrationSecrets(pool, argon2, new AuditTrail()));
        });
    }

    private <T> T ask(BiFunction<Vertx, Pool, Future<T>> question) {
        var address = address();
        var vertx = Vertx.vertx();
        try {
            var database = new Database(vertx, address, config.database(), new SimpleMeterRegistry());
            return Await.result(
                    question.apply(vertx, database.controlPool()).eventually(database::close), LIMIT, "the database");
        } finally {
            Await.result(vertx.close(), LIMIT, "closing");
        }
    }

    private DatabaseAddress address() {
        if (!config.database().isEmbedded()) {
            return config.database().address();
        }
        var ports = new PortsFile(config.dataDirectory());
        var found = ports.read()
                .filter(file -> file.containsKey("database_url"))
                .orElseThrow(
                        () -> new CommandFailure("no server with an embedded database runs on %s; start one, or set"
                                        .formatted(config.dataDirectory())
                                + " database.url"));
        return DatabaseAddress.parse(found.getString("database_url"))
                .withPassfile(Path.of(found.getString("database_passfile")));
    }
}
