package org.pganalytics.database;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;

/** A server's process that starts the embedded PostgreSQL and is then killed by its test. */
final class AbandonedServer {
    private AbandonedServer() {}

    public static void main(String[] args) throws Exception {
        var home = Path.of(args[0]);
        var postgres = new EmbeddedPostgres(
                Vertx.vertx(),
                EmbeddedPostgresConfig.in(home),
                PostgresArchive.ofClassPath(),
                new SimpleMeterRegistry());
        TestServer.await(postgres.start());
        Files.createFile(home.resolve("started"));
    }
}
