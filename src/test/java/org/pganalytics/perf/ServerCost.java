package org.pganalytics.perf;

import java.io.IOException;
import java.util.Map;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;

/**
 * {@code perf/server}: what a running server does for a row that came as version 3 JSON and for one that came in the native
 * form, by what its threads are for; the same statements as the comparison v3 pushes.
 */
final class ServerCost {
    private static final double LEAST_SHOWN_MICROS = 0.01;

    private final ServerProcess server;
    private final MetricFamily statements;

    private ServerCost(ServerProcess server, MetricFamily statements) {
        this.server = server;
        this.statements = statements;
    }

    /** Arguments: pushes of each run, how many runs of each form, the database's core or "". */
    public static void main(String[] arguments) throws Exception {
        int times = Math.max(1, Integer.parseInt(arguments[0]) / V3Fleet.COLLECTORS);
        var cores = new Cores(arguments[2]);
        try (var server = ServerProcess.start(new Workplace(), "server", cores, Map.of())) {
            System.out.printf("server %d%n", server.pid());
            new ServerCost(server, Statements.shipped()).run(times, Integer.parseInt(arguments[1]));
        }
        System.exit(0);
    }

    /** @param times that each collector sends in a run */
    private void run(int times, int runs) throws IOException, InterruptedException {
        try (var v3 = new V3Fleet(server, statements)) {
            for (int run = 0; run < runs; run++) {
                measure("v3", times, v3::pushAll);
                natively(times, "native-%d-".formatted(run));
            }
        }
    }

    /** In new sessions: between two runs the server would close idle ones. */
    private void natively(int times, String names) throws IOException, InterruptedException {
        var shape = new Replay.Shape(statements, new BatchEncoder(3), V3Fleet.COLLECTORS, V3Fleet.TARGETS, names);
        try (var replay = new Replay(server, shape)) {
            measure("native", times, () -> {
                replay.flood(V3Fleet.COLLECTORS);
                return (long) V3Fleet.COLLECTORS * replay.rowsABatch();
            });
        }
    }

    private interface Sending {
        /** @return rows */
        long once() throws IOException, InterruptedException;
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
