package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;

/** A database that falls silent: those who ask are told so, none is held, and later it goes on. */
class ApiStalledIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> OPERATIONS =
            List.of("listFamilies", "ingestStatus", "listCollectors", "listSecrets", "listProfiles", "listQuarantine");

    @Test
    void nobodyWaitsForEverForADatabaseThatSaysNothing() throws Exception {
        var vertx = Vertx.vertx();
        try {
            var database = TestDatabase.create();
            var plug = new Plug(vertx, database.address().port());
            int port = Await.result(plug.in(), LIMIT, "the plug");
            var behind =
                    database.address().url().replace(":" + database.address().port() + "/", ":" + port + "/");
            var settings = Map.of(
                    "PGANALYTICS_DATABASE_URL", behind,
                    "PGANALYTICS_QUERY_STATEMENT_TIMEOUT", "1s",
                    "PGANALYTICS_DATABASE_STATEMENT_TIMEOUT", "2s",
                    "PGANALYTICS_DATABASE_CONNECT_TIMEOUT", "2s");
            try (var server = ApiServer.start(database, settings)) {
                for (var operation : OPERATIONS) {
                    assertEquals(200, server.client.ask(operation, null).status(), operation);
                }
                plug.freeze();
                IntStream.range(0, 3).forEach(round -> allAreRefused(server));
                plug.thaw();
                for (var operation : OPERATIONS) {
                    Awaitility.await()
                            .atMost(LIMIT)
                            .until(() -> server.client.ask(operation, null).status() == 200);
                }
            }
        } finally {
            vertx.close();
        }
    }

    /** More at once than there are connections. */
    private static void allAreRefused(ApiServer server) {
        var asked = IntStream.range(0, 24)
                .mapToObj(n ->
                        CompletableFuture.supplyAsync(() -> status(server, OPERATIONS.get(n % OPERATIONS.size()))))
                .toList();
        for (var one : asked) {
            assertEquals(503, one.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join());
        }
    }

    private static int status(ApiServer server, String operation) {
        try {
            return server.client.ask(operation, null).status();
        } catch (Exception e) {
            throw new IllegalStateException(operation, e);
        }
    }
}
