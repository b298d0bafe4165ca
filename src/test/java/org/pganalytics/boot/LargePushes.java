package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.pganalytics.wire.v3.V3Objects;

/**
 * Version 3 collectors, one a server, each in the middle of a large push through a balancer when a server is killed; who was
 * not answered sends the same again, as those collectors do. curl, as they use libcurl.
 */
record LargePushes(ThreeServers servers, Path authority, int port) {
    private static final int BYTES = 50 << 20;

    private static final int ROWS = 100;
    private static final String TEXT = " x".repeat(1_000);

    /** One goes by HTTP/2. */
    private static final List<String> VERSIONS = List.of("--http1.1", "--http1.1", "--http2");

    /** So that all are under way when the server is killed. */
    private static final String BYTES_A_SECOND = "8M";

    /** @param body a file @param rows that it has */
    private record Push(String token, String collector, String version, Path body, int rows) {}

    /**
     * @param killed whether one was under way to the server that was to be killed
     * @param refused how many were not taken the first time
     * @param sent rows that were sent, once each
     * @param stored rows that are there
     */
    record Seen(boolean killed, long refused, long sent, long stored) {}

    Seen whileAServerIsKilled(Path folder) throws Exception {
        var pushes = new ArrayList<Push>();
        for (var version : VERSIONS) {
            pushes.add(push(folder, version, pushes.size()));
        }
        double before = servers.rows().get(2);
        var threads = Executors.newFixedThreadPool(pushes.size());
        var answers = pushes.stream()
                .map(push -> CompletableFuture.supplyAsync(() -> status(push, BYTES_A_SECOND), threads))
                .toList();
        threads.shutdown();
        boolean killed = isUnderWayToLast(before, answers);
        if (killed) {
            servers.killLast();
        }
        long refused = 0;
        for (int index = 0; index < pushes.size(); index++) {
            if (answers.get(index).join() != 200) {
                refused++;
                int again = status(pushes.get(index), "1G");
                if (again != 200) {
                    throw new AssertionError("sent again it was answered " + again);
                }
            }
        }
        if (killed) {
            servers.lastComesBack();
        }
        return new Seen(killed, refused, pushes.stream().mapToLong(Push::rows).sum(), stored(pushes));
    }

    /** A push is stored while it comes. False when one has ended before the last server had any. */
    private boolean isUnderWayToLast(double before, List<CompletableFuture<Integer>> answers) throws Exception {
        while (answers.stream().noneMatch(CompletableFuture::isDone)) {
            if (servers.rows().get(2) > before) {
                return true;
            }
            Thread.sleep(50);
        }
        return false;
    }

    private Push push(Path folder, String version, int number) throws Exception {
        var identity = new JsonObject(curl(
                "-H",
                "X-Registration-Secret: " + ThreeServers.SECRET,
                "--json",
                "{\"hostname\":\"large\",\"name\":\"large %d of %d\",\"version\":\"3.0.0\"}".formatted(number, port),
                url("/api/v1/collectors/register")));
        var objects = new ArrayList<JsonObject>();
        var begin = Instant.now().minusSeconds(3_600);
        int rows = 0;
        for (long bytes = 0; bytes < BYTES; bytes += (long) ROWS * TEXT.length()) {
            objects.add(statements(begin.plusSeconds(objects.size())));
            rows += ROWS;
        }
        var body = folder.resolve("push-%d-%d.json".formatted(port, number));
        Files.writeString(body, V3Objects.push("large", objects).encode());
        return new Push(identity.getString("token"), identity.getString("collector_id"), version, body, rows);
    }

    private static JsonObject statements(Instant time) {
        var object = V3Objects.oneOfEach(time.toString(), 1).stream()
                .filter(one -> one.getString("type").equals("pg_query_stats"))
                .findFirst()
                .orElseThrow();
        var form = object.getJsonArray("queries").getJsonObject(0);
        var queries = new JsonArray();
        for (long id = 1; id <= ROWS; id++) {
            queries.add(form.copy().put("queryid", id).put("query", id + TEXT));
        }
        return object.put("queries", queries);
    }

    private int status(Push push, String bytesASecond) {
        try {
            var output = curl(
                    push.version(),
                    "--limit-rate",
                    bytesASecond,
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_code}",
                    "-H",
                    "Authorization: Bearer " + push.token(),
                    "-H",
                    "Content-Type: application/json",
                    "--data-binary",
                    "@" + push.body(),
                    url("/api/v1/metrics/push"));
            return Integer.parseInt(output.substring(output.length() - 3));
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    private String url(String path) {
        return "https://127.0.0.1:" + port + path;
    }

    private String curl(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("curl", "-s", "-m", "120", "--cacert", authority.toString()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private long stored(List<Push> pushes) throws Exception {
        var count =
                "SELECT count(*) FROM metrics.pg_stat_statements JOIN target USING (target_id) WHERE collector_id = '%s'";
        long stored = 0;
        for (var push : pushes) {
            stored += servers.first().number(count.formatted(push.collector()));
        }
        return stored;
    }
}
