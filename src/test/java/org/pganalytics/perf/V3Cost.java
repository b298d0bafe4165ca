package org.pganalytics.perf;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.ingest.v3.V3Client;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;

/**
 * What the server's processors do for a value that came as version 3 JSON, against one that came in the native form: the
 * same generated statements, as many fields of them as version 3 knows, each with its text, as such a collector sends them.
 */
final class V3Cost implements AutoCloseable {
    private static final int TARGETS = 7;
    /** As many as send in the native form. */
    private static final int COLLECTORS = 16;

    private static final int PUSHES_EACH = 4;

    private static final String WHEN = "2026-01-01T00:00:00Z";

    private final ServerProcess server;
    private final List<V3Client> clients = new ArrayList<>();
    private final String push;
    private final int rowsAPush;
    private final int columns;
    private final ExecutorService threads = Executors.newFixedThreadPool(COLLECTORS);
    private Instant next = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.DAYS);

    V3Cost(ServerProcess server, MetricFamily statements) throws IOException {
        this.server = server;
        this.columns = statements.schema().columns().size();
        var blocks = new GeneratedBlocks(List.of(statements)).ofTargets(statements, 0, TARGETS, 0);
        rowsAPush = blocks.stream().mapToInt(ColumnBlock::rows).sum();
        push = V3Statements.push(blocks, WHEN);
        for (int number = 0; number < COLLECTORS; number++) {
            var client = new V3Client(server.port("http"));
            var answer = client.register(ServerProcess.SECRET, "v3-bench-" + number);
            if (client.token() == null) {
                throw new IOException("the server registers no version 3 collector: " + answer);
            }
            clients.add(client);
        }
    }

    /** @param copied the same statements in the native form, through the same server */
    List<Measurement> measure(int warmSeconds, int turns, CopyRatio copied) throws IOException, InterruptedException {
        WarmUp.run(warmSeconds, () -> turn(1));
        List<Double> ratios = new ArrayList<>();
        List<Double> costs = new ArrayList<>();
        double nativeMicrosAValue = copied.serverMicrosARow() / columns;
        for (int turn = 0; turn < turns; turn++) {
            double microsAValue = turn(PUSHES_EACH);
            ratios.add(nativeMicrosAValue / microsAValue);
            costs.add(microsAValue);
        }
        return List.of(
                Measurement.of(Goal.V3_TO_NATIVE, ratios), Measurement.aside("v3_server_cpu_a_value", "µs", costs));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /** All at once, as a fleet does. @return µs of the server's processors for a value */
    private double turn(int pushesEach) throws IOException, InterruptedException {
        double before = server.cpuSeconds();
        for (int each = 0; each < pushesEach; each++) {
            next = next.plusSeconds(1);
            var body = push.replace(WHEN, next.toString());
            allPush(body);
        }
        double values = (double) pushesEach * COLLECTORS * rowsAPush * V3Statements.VALUES_A_ROW;
        return (server.cpuSeconds() - before) * 1e6 / values;
    }

    private void allPush(String body) throws IOException, InterruptedException {
        var pushing = clients.stream()
                .map(client -> CompletableFuture.supplyAsync(() -> client.push(body, ""), threads))
                .toList();
        for (var one : pushing) {
            try {
                var answer = one.get();
                if (answer.status() != 200) {
                    throw new IOException("the server answers a version 3 push with " + answer);
                }
            } catch (ExecutionException broken) {
                throw new IOException("a version 3 push failed", broken);
            }
        }
    }
}
