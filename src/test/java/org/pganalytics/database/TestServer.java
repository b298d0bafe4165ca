package org.pganalytics.database;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.pganalytics.fault.FaultException;

/** A real PostgreSQL below {@code target/}, started once a JVM and stopped with it. */
public record TestServer(DatabaseAddress superuser, DatabaseAddress server) {
    private static final Map<Integer, TestServer> RUNNING = new ConcurrentHashMap<>();
    private static final Map<String, TestServer> EXTERNAL = new ConcurrentHashMap<>();
    private static final int STANDARD = 17;

    static TestServer standard() {
        String url = System.getenv("PGANALYTICS_TEST_DATABASE_URL");
        return url == null || url.isEmpty() ? of(STANDARD) : at(url);
    }

    /** One that runs already, by its superuser's URI. */
    static TestServer at(String url) {
        return EXTERNAL.computeIfAbsent(url, TestServer::withLesserRole);
    }

    private static TestServer withLesserRole(String url) {
        var superuser = DatabaseAddress.parse(url);
        var lesser = superuser.as(
                "pganalytics_test_" + ProcessHandle.current().pid(),
                UUID.randomUUID().toString());
        TestDatabase.execute(
                superuser, "CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(lesser.user(), lesser.password()));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> TestDatabase.execute(superuser, "DROP ROLE " + lesser.user())));
        return new TestServer(superuser, lesser);
    }

    static TestServer of(int major) {
        return RUNNING.computeIfAbsent(major, TestServer::start);
    }

    /** The packed PostgreSQL of this major version. */
    public static PostgresArchive archive(int major) {
        var standard = PostgresArchive.ofClassPath();
        if (major == STANDARD) {
            return standard;
        }
        var jar = Path.of("target/postgres/postgres-%d.jar".formatted(major)).toUri();
        var name = standard.location().toString().replaceFirst(".*/", "");
        return new PostgresArchive(URI.create("jar:%s!/%s".formatted(jar, name)));
    }

    private static TestServer start(int major) {
        var home = Path.of("target/test-postgres/" + major).toAbsolutePath();
        try {
            return start(major, home);
        } catch (FaultException inUseByAnotherRun) {
            return start(
                    major,
                    home.resolveSibling(major + "-" + ProcessHandle.current().pid()));
        }
    }

    private static TestServer start(int major, Path home) {
        var vertx = Vertx.vertx();
        var postgres =
                new EmbeddedPostgres(vertx, EmbeddedPostgresConfig.in(home), archive(major), new SimpleMeterRegistry());
        try {
            await(postgres.start());
        } catch (RuntimeException e) {
            await(vertx.close());
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            await(postgres.stop());
            await(vertx.close());
        }));
        return new TestServer(
                DatabaseAddress.parse(postgres.databaseUrl()).withPassfile(postgres.passfile()),
                postgres.serverAddress());
    }

    /** Waits, as only tests may. */
    public static <T> T await(io.vertx.core.Future<T> future) {
        try {
            return future.await(1, TimeUnit.MINUTES);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
