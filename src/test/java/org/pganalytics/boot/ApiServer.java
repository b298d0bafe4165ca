package org.pganalytics.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.config.ServerConfigFile;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.tls.NewAuthority;

/** A whole server within the test, on a database of its own, and a client that has its admin token. */
final class ApiServer implements AutoCloseable {
    static final String SECRET = "a registration secret";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    final TestDatabase database;
    final Server server;
    final ApiClient client;
    final String token;

    private ApiServer(TestDatabase database, Server server) throws IOException {
        this.database = database;
        this.server = server;
        this.token = server.first().adminToken().orElseThrow();
        this.client = new ApiClient(port(), token);
    }

    static ApiServer start(Map<String, String> more) throws IOException {
        return start(TestDatabase.create(), more);
    }

    /** One that certifies collectors besides, so that every operation of the contract has something behind it. */
    static ApiServer startWithAuthority(Map<String, String> more) throws Exception {
        var folder = Files.createTempDirectory("authority");
        var certificate = folder.resolve("ca.crt");
        var key = folder.resolve("ca.key");
        NewAuthority.write(certificate, key, "every", Duration.ofDays(1), Clock.systemUTC());
        var all = new HashMap<>(more);
        all.put("PGANALYTICS_TLS_CA_CERTIFICATE", certificate.toString());
        all.put("PGANALYTICS_TLS_CA_KEY", key.toString());
        return start(all);
    }

    /** @param database closed with the server */
    static ApiServer start(TestDatabase database, Map<String, String> more) throws IOException {
        var folder = Files.createTempDirectory("api");
        var server = open(database, folder, more);
        return new ApiServer(database, server);
    }

    /** Another one on the same database. */
    static Server open(TestDatabase database, Path folder, Map<String, String> more) {
        var server = new Server(config(database, folder, more));
        Await.result(server.open(), LIMIT, "the start");
        return server;
    }

    private static ServerConfig config(TestDatabase database, Path folder, Map<String, String> more) {
        var environment = new HashMap<>(Map.of(
                "PGANALYTICS_DATA_DIR",
                folder.toString(),
                "PGANALYTICS_DATABASE_URL",
                database.address().url(),
                "PGANALYTICS_DATABASE_PASSWORD",
                database.address().password(),
                "PGANALYTICS_REGISTRATION_SECRET",
                SECRET,
                "PGANALYTICS_TCP_PORT",
                "0",
                "PGANALYTICS_HTTP_PORT",
                "0",
                "PGANALYTICS_MANAGEMENT_PORT",
                "0",
                "PGANALYTICS_SERVER_EVENT_LOOPS",
                "2"));
        environment.putAll(more);
        return ServerConfigFile.load(null, environment);
    }

    /** What the first start printed. */
    String firstAdminCode() {
        return server.first().adminCode().orElseThrow().text();
    }

    int port() {
        return server.ports().getInteger("http");
    }

    static void close(Server server) {
        Await.result(server.close(), LIMIT, "the end");
        Await.result(server.foundation().closeEventLoops(), LIMIT, "the end of the event loops");
    }

    @Override
    public void close() {
        close(server);
        database.close();
    }
}
