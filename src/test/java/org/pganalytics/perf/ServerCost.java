package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.ingest.v3.V3Client;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;

/**
 * {@code perf/server}: what a running server does for a row that came as version 3 JSON and for one that came in the native
 * form, by what its threads are for; the same statements as the comparison v3 pushes.
 */
final class ServerCost {
    private static final int TARGETS = 7;
    private static final int COLLECTORS = 16;
    private static final double LEAST_SHOWN_MICROS = 0.01;
    private static final String WHEN = "2026-01-01T00:00:00Z";

    private final ServerProcess server;
    private final MetricFamily statements;
    private final V3Client client;
    private final String push;
    private final int rowsAPush;
    private Instant next = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.DAYS);

    private ServerCost(ServerProcess server, MetricFamily statements) throws IOException {
        this.server = server;
        this.statements = statements;
        var blocks = new GeneratedBlocks(List.of(statements)).ofTargets(statements, 0, TARGETS, 0);
        rowsAPush = blocks.stream().mapToInt(ColumnBlock::rows).sum();
        push = V3Statements.push(blocks, WHEN);
        client = new V3Client(server.port("http"));
        client.register(ServerProcess.SECRET, "v3-bench");
    }

    /** Arguments: pushes of each run, how many runs of each form. */
    public static void main(String[] arguments) throws Exception {
        int pushes = Integer.parseInt(arguments[0]);
        var statements = FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(family -> family.name().equals("pg_stat_statements"))
                .findFirst()
                .orElseThrow();
        try (var server = ServerProcess.start(new Workplace(), "server", new Cores(""), Map.of())) {
            System.out.printf("server %d%n", server.pid());
            new ServerCost(server, statements).run(pushes, Integer.parseInt(arguments[1]));
        }
        System.exit(0);
    }

    private void run(int pushes, int runs) throws IOException, InterruptedException {
        for (int run = 0; run < runs; run++) {
            measure("v3", pushes, this::pushOnce);
            // New sessions for each run: between two the server would close idle ones.
            var shape =
                    new Replay.Shape(statements, new BatchEncoder(3), COLLECTORS, TARGETS, "native-%d-".formatted(run));
            try (var replay = new Replay(server, shape)) {
                measure("native", Math.max(1, pushes / COLLECTORS), () -> {
                    replay.flood(COLLECTORS);
                    return (long) COLLECTORS * replay.rowsABatch();
                });
            }
        }
    }

    private interface Sending {
        /** @return rows */
        long once() throws IOException, InterruptedException;
    }

    private long pushOnce() throws IOException {
        next = next.plusSeconds(1);
        var answer = client.push(push.replace(WHEN, next.toString()), "");
        if (answer.status() != 200) {
            throw new IOException("the server answers a version 3 push with " + answer);
        }
        return rowsAPush;
    }

    private void measure(String what, int times, Sending sending) throws IOException, InterruptedException {
        var before = ThreadGroups.nanos(server.pid());
        double databaseBefore = server.databaseCpuSeconds();
        long rows = 0;
        for (int time = 0; time < times; time++) {
            rows += sending.once();
        }
        double database = (server.databaseCpuSeconds() - databaseBefore) * 1e6 / rows;
        var groups = ThreadGroups.microsEach(before, ThreadGroups.nanos(server.pid()), rows);
        double sum = groups.values().stream().mapToDouble(Double::doubleValue).sum();
        System.out.printf("%s: %d rows, server %.2f µs a row, database %.2f;", what, rows, sum, database);
        groups.entrySet().stream()
                .filter(group -> group.getValue() >= LEAST_SHOWN_MICROS)
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(group -> System.out.printf(" %s %.2f", group.getKey(), group.getValue()));
        System.out.println();
    }
}
