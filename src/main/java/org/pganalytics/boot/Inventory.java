package org.pganalytics.boot;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnectOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.pganalytics.admission.RegistrationSecrets;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.audit.report.Period;
import org.pganalytics.audit.report.ReportTable;
import org.pganalytics.bus.Bus;
import org.pganalytics.config.ProfileFile;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.database.WritableHost;
import org.pganalytics.fleet.Assignments;
import org.pganalytics.fleet.Collectors;
import org.pganalytics.fleet.Profiles;
import org.pganalytics.identity.AdminTokens;
import org.pganalytics.identity.ApiTokens;
import org.pganalytics.identity.People;
import org.pganalytics.identity.ldap.Ldap;
import org.pganalytics.identity.ldap.LdapSync;
import org.pganalytics.identity.report.Reports;
import org.pganalytics.identity.sealed.SealedValues;
import org.pganalytics.secrets.Argon2;
import org.pganalytics.secrets.RandomSecrets;

/**
 * The fleet's inventory, its registration secrets included, for a command beside the server: straight from the database,
 * the embedded one if that is it.
 */
final class Inventory {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SYNC_LIMIT = Duration.ofMinutes(10);
    private static final int CONNECT_SECONDS = 25;

    private final ServerConfig config;

    Inventory(ServerConfig config) {
        this.config = config;
    }

    /** Closing is not waited for: nothing is under way then, and the process ends next. */
    <T> T ask(Function<Collectors, Future<T>> question) {
        return ask((vertx, pool) -> question.apply(new Collectors(pool, trail(), new Bus(vertx))));
    }

    /** The same of the registration secrets. */
    <T> T askSecrets(Function<RegistrationSecrets, Future<T>> question) {
        return ask((vertx, pool) -> {
            var argon2 = new Argon2(vertx.createSharedWorkerExecutor("argon2", 1), new SecureRandom());
            return question.apply(new RegistrationSecrets(pool, argon2, trail()));
        });
    }

    /** The same of the admin tokens. */
    <T> T askAdminTokens(Function<AdminTokens, Future<T>> question) {
        return ask(
                (vertx, pool) -> question.apply(new AdminTokens(pool, new RandomSecrets(new SecureRandom()), trail())));
    }

    /** The same of the tokens of people's programs and of services. */
    <T> T askApiTokens(Function<ApiTokens, Future<T>> question) {
        return ask((vertx, pool) -> question.apply(new ApiTokens(
                pool, new RandomSecrets(new SecureRandom()), trail(), config.identity(), Clock.systemUTC())));
    }

    /** The same of those who may sign in. */
    <T> T askPeople(Function<People, Future<T>> question) {
        return ask((vertx, pool) -> question.apply(identity(vertx, pool).people));
    }

    private Identity identity(Vertx vertx, Pool pool) {
        return new Identity(
                new Identity.House(vertx, pool), Optional.empty(), config.identity(), trail(), Clock.systemUTC());
    }

    /** The same of what is kept of one of them. */
    JsonObject export(String person, String actor) {
        var asker = new Reports.Asker(actor, "");
        return ask((vertx, pool) -> identity(vertx, pool).export().of(person, asker));
    }

    /** The same of what compliance asks for. */
    ReportTable report(Reports.Kind kind, Period period, String actor) {
        var retention = config.audit().retention();
        var asker = new Reports.Asker(actor, "");
        return ask((vertx, pool) -> new Reports(pool, trail(), retention).make(kind, period, asker));
    }

    /** The same of what is sealed in the database. */
    <T> T askSealed(Function<SealedValues, Future<T>> question) {
        return ask((vertx, pool) -> question.apply(new SealedValues(pool, trail())));
    }

    /** The file with the keys for that. */
    Optional<Path> sealKeysFile() {
        return SealKeys.path(config);
    }

    /** The same of the directory that knows people: what a sync would change, and when it is none of a dry run, does. */
    LdapSync.Report syncPeople(boolean dryRun, String actor) {
        if (!config.ldap().isConfigured()) {
            throw new CommandFailure("there is no directory: identity.ldap.urls is empty");
        }
        return ask(SYNC_LIMIT, (vertx, pool) -> {
            var sync = new Ldap(vertx, pool, config.ldap(), trail(), new SimpleMeterRegistry()).sync();
            return dryRun ? sync.plan() : sync.run(pool::withTransaction, actor);
        });
    }

    /** The same of the profiles of the fleet's configuration. */
    <T> T askProfiles(Function<Profiles, Future<T>> question) {
        return ask((vertx, pool) -> question.apply(new Profiles(
                pool, trail(), text -> vertx.executeBlocking(() -> ProfileFile.handedOut(text, config.families())))));
    }

    /** The same of where they run. */
    <T> T askAssignments(Function<Assignments, Future<T>> question) {
        return ask((vertx, pool) -> question.apply(new Assignments(pool, trail())));
    }

    /** What changes are written down with, as the server does. */
    AuditTrail trail() {
        return Auditing.trail(config);
    }

    /** The same of anything that stands in the database. */
    <T> T ask(BiFunction<Vertx, Pool, Future<T>> question) {
        return ask(LIMIT, question);
    }

    /** The same of what takes its time. */
    <T> T ask(Duration limit, BiFunction<Vertx, Pool, Future<T>> question) {
        var address = address();
        var vertx = Vertx.vertx();
        try {
            return Await.result(question.apply(vertx, pool(vertx, address)), limit, "the database");
        } finally {
            vertx.close();
        }
    }

    /** A person would rather wait for a busy machine than be told after a server's few seconds that it is away. */
    private Pool pool(Vertx vertx, DatabaseAddress address) {
        var writable = new WritableHost(vertx, address, Duration.ofSeconds(CONNECT_SECONDS));
        return PgBuilder.pool()
                .with(new PoolOptions()
                        .setMaxSize(1)
                        .setConnectionTimeout(CONNECT_SECONDS)
                        .setConnectionTimeoutUnit(TimeUnit.SECONDS))
                .connectingTo(() -> writable.get()
                        .<SqlConnectOptions>map(where -> where.addProperty("application_name", "pganalytics command")
                                .addProperty(
                                        "statement_timeout",
                                        Long.toString(config.database()
                                                .statementTimeout()
                                                .toMillis()))))
                .using(vertx)
                .build();
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
