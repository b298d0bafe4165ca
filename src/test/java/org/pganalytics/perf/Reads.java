package org.pganalytics.perf;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How long two questions take that people ask, on roll-ups of a month, while batches come in: the statements of one server
 * that took most time in a day, and what the whole fleet did in the last hour.
 *
 * <p>What is read is generated, see {@link ReadsData}.
 */
final class Reads {
    private static final int ASKED = 60;

    /** So that the load is there before anybody asks. */
    private static final int LEAD_IN_MILLIS = 2_000;

    private static final double P95 = 0.95;
    static final ReadsData.Scale FULL = new ReadsData.Scale(500, 30, ASKED);
    static final ReadsData.Scale SHORT = new ReadsData.Scale(100, 7, 20);

    private final ServerProcess server;
    private final ReadsData.Scale scale;
    private final ReadsData data;
    private final String token;
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Double> top = new ArrayList<>();
    private final List<Double> fleet = new ArrayList<>();
    private final List<Double> nothing = new ArrayList<>();
    private int ofRows;

    Reads(ServerProcess server, ReadsData.Scale scale) throws IOException {
        this.server = server;
        this.scale = scale;
        this.data = new ReadsData(server.psql(), Statements.shipped(), scale);
        this.token = server.adminToken();
    }

    void generate() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        data.generate();
        System.out.printf("  reads: generated in %.0f s%n", (System.nanoTime() - begun) / 1e9);
    }

    /** While batches come at that rate. */
    List<Measurement> measure(Replay replay, double batchesASecond) throws IOException, InterruptedException {
        data.sample();
        var isAsking = new AtomicBoolean(true);
        var thread = Executors.newSingleThreadExecutor();
        try {
            long begun = System.nanoTime();
            var load = thread.submit(() -> replay.paceWhile(batchesASecond, since -> isAsking.get()));
            Thread.sleep(LEAD_IN_MILLIS);
            askAll(load);
            isAsking.set(false);
            double rate = load.get().length / ((System.nanoTime() - begun) / 1e9);
            return measurements(rate * replay.rowsABatch(), rate / batchesASecond);
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause());
        } finally {
            isAsking.set(false);
            thread.shutdownNow();
        }
    }

    /** The first questions are planned anew, and plans are what is to be measured with the rest. */
    private void askAll(Future<double[]> load) throws IOException, InterruptedException {
        for (int turn = 0; turn < ASKED && !load.isDone(); turn++) {
            top.add(ask(topOf(data.asked().get(turn % data.asked().size()))));
            fleet.add(ask("/api/v1/fleet/overview?limit=500"));
            nothing.add(ask("/api/v1/openapi.yaml"));
            Thread.sleep(50);
        }
    }

    private List<Measurement> measurements(double rowsASecond, double shareOfWanted) {
        return List.of(
                Measurement.of(Goal.READS_TOP_P95_MS, Percentile.of(P95, top)),
                Measurement.of(Goal.READS_FLEET_P95_MS, Percentile.of(P95, fleet)),
                Measurement.aside("reads_top_ms", "ms", top),
                Measurement.aside("reads_fleet_ms", "ms", fleet),
                Measurement.aside("reads_nothing_p95_ms", "ms", Percentile.of(P95, nothing)),
                Measurement.aside("reads_top_share_that_read_rows", "", (double) ofRows / top.size()),
                Measurement.aside("reads_load_rows_per_second", "rows/s", rowsASecond),
                Measurement.aside("reads_load_share_of_wanted", "", shareOfWanted),
                Measurement.aside("reads_rollup_days", "d", scale.days()),
                Measurement.aside("reads_rollup_targets", "targets", scale.targets()));
    }

    private static String topOf(String target) {
        var to = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return "/api/v1/families/pg_stat_statements/top?target=%s&by=total_exec_time&columns=calls&limit=20&from=%s&to=%s"
                .formatted(target, to.minus(Duration.ofHours(24)), to);
    }

    /** @return milliseconds until the whole answer is there */
    private double ask(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(server.port("http"), path)))
                .header("Authorization", "Bearer " + token)
                .build();
        long begun = System.nanoTime();
        var answer = client.send(request, BodyHandlers.ofString());
        double millis = (System.nanoTime() - begun) / 1e6;
        if (answer.statusCode() != 200 || !answer.body().contains("target_id")) {
            throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
        }
        ofRows += answer.body().contains("\"of\":\"rows\"") ? 1 : 0;
        return millis;
    }
}
