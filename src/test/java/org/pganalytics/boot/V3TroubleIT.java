package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.admission.OldBackend;
import org.pganalytics.ingest.v3.V3Client;
import org.pganalytics.wire.v3.V3Objects;

/** A version 3 collector that is told to wait, or who it is not known for a while, loses nothing by it. */
class V3TroubleIT {
    private static final String SECRET = "a secret for version 3";
    private static final OldBackend OLD = new OldBackend("the secret of the old backend");
    private static final Duration LONG = Duration.ofSeconds(60);
    private static Program server;

    @BeforeAll
    static void open() throws Exception {
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET",
                SECRET,
                "PGANALYTICS_V3_LEGACY_TOKEN_SECRET",
                OLD.secret(),
                "PGANALYTICS_V3_OVERLOAD_WAIT",
                "2s",
                "PGANALYTICS_V3_RETRY_WAIT",
                "30s");
        server =
                Program.start(Program.folder("v3trouble"), environment, "serve").untilReady();
    }

    @AfterAll
    static void close() throws Exception {
        server.close();
    }

    private static List<JsonObject> gathered() {
        return V3Objects.oneOfEach(
                Instant.ofEpochSecond(Instant.now().getEpochSecond()).toString(), 1);
    }

    /** Of one object: as many as it has elements, once each. */
    private static long stored(String collector, String table) throws Exception {
        return server.number("SELECT count(*) FROM metrics." + table
                + " JOIN target USING (target_id) WHERE collector_id = '" + collector + "'");
    }

    private static V3Client registered(String host) {
        var client = new V3Client(server.port("http"));
        assertEquals(201, client.register(SECRET, host).status());
        return client;
    }

    /** Stops every process of the database, or lets them go on. */
    private static void database(String signal) throws IOException, InterruptedException {
        long postmaster;
        try (var files = Files.walk(server.data())) {
            var file = files.filter(path -> path.endsWith("postmaster.pid")).findFirst();
            postmaster =
                    Long.parseLong(Files.readAllLines(file.orElseThrow()).get(0).strip());
        }
        var processes = ProcessHandle.of(postmaster).stream()
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .toList();
        for (var process : processes) {
            Program.signal(process.pid(), signal);
        }
    }

    @Test
    void aRepetitionThatComesWhileTheDatabaseIsAwayIsStoredWhenItIsBack() throws Exception {
        var collector = UUID.randomUUID().toString();
        var client = new V3Client(server.port("http"));
        client.token(OLD.token(UUID.fromString(collector), Duration.ofDays(1)));
        var body = V3Objects.push("old-host", gathered()).encode();
        CompletableFuture<Integer> status;
        database("STOP");
        try {
            status = CompletableFuture.supplyAsync(
                    () -> client.push(body, "Content-Encoding: gzip\r\n").status());
            Awaitility.await("it is held").atMost(LONG).until(() -> server.metric("pganalytics_v3_retries_held") == 1);
        } finally {
            database("CONT");
        }
        assertEquals(200, status.get(LONG.toSeconds(), TimeUnit.SECONDS));
        long extensions = stored(collector, "v3_pg_extensions");
        assertTrue(extensions > 0);
        Awaitility.await().atMost(LONG).until(() -> server.status("/health/ready") == 200);
        assertEquals(200, client.push(body, "").status());
        assertEquals(extensions, stored(collector, "v3_pg_extensions"), "once");
    }

    @Test
    void aPushThatIsTold401AndThenLetInIsStoredOnce() throws Exception {
        var client = registered("confused");
        client.collect(gathered());
        var good = client.token();
        client.token("none");
        assertEquals(401, client.push("{\"hostname\":\"x\",\"metrics\":[]}", "").status());
        client.token(good);
        assertEquals(200, client.again("confused"));
        assertEquals(0, client.waiting() + client.dropped());
        long extensions = stored(client.collector(), "v3_pg_extensions");
        assertTrue(extensions > 0);
    }

    private static void limit(V3Client client, double rowsPerSecond) throws Exception {
        server.number("UPDATE collector SET rows_per_second = %s, burst_rows = 1 WHERE collector_id = '%s' RETURNING 1"
                .formatted(rowsPerSecond, client.collector()));
    }

    @Test
    void whoSendsTooFastIsHeldUpThenRefusedAndKeepsItsData() throws Exception {
        var client = registered("fast");
        limit(client, 100);
        var delayed = server.metric("pganalytics_v3_delayed_total");
        Awaitility.await("the limit is known and delays the answer")
                .atMost(LONG)
                .until(() -> {
                    client.collect(gathered());
                    assertEquals(200, client.pushInterval("fast"));
                    return server.metric("pganalytics_v3_delayed_total") > delayed;
                });

        limit(client, 0.001);
        Awaitility.await("it is refused").atMost(LONG).until(() -> {
            client.collect(gathered());
            return client.pushInterval("fast") != 200;
        });
        int waiting = client.waiting();
        assertTrue(waiting > 0);
        assertEquals(0, client.again("fast"), "any answer would make it drop its data");
        assertEquals(waiting, client.waiting());
        assertEquals(1, server.metric("pganalytics_v3_retries_refused_total"));

        server.number(
                "UPDATE collector SET rows_per_second = NULL, burst_rows = NULL WHERE collector_id = '%s' RETURNING 1"
                        .formatted(client.collector()));
        Awaitility.await("all of it is taken").atMost(LONG).until(() -> client.pushInterval("fast") == 200);
        assertEquals(0, client.waiting() + client.dropped());
        assertEquals(
                0,
                server.number(
                        "SELECT count(*) - count(DISTINCT (time, datname, e.name)) FROM metrics.v3_pg_extensions e"
                                + " JOIN target USING (target_id) WHERE collector_id = '" + client.collector() + "'"));
    }
}
