package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;

/**
 * What the server's processors do for a value that came as version 3 JSON, against one that came in the native form, by
 * turns: the same generated statements, as many rows of as many collectors, in version 3 with the fields that it knows and
 * each with its text, as such a collector sends them.
 */
final class V3Cost implements AutoCloseable {
    private static final int PUSHES_EACH = 4;

    private final ServerProcess server;
    private final V3Fleet fleet;
    private final Replay replay;
    private final int columns;

    V3Cost(ServerProcess server, MetricFamily statements) throws IOException {
        this.server = server;
        this.columns = statements.schema().columns().size();
        this.fleet = new V3Fleet(server, statements);
        try {
            var shape = new Replay.Shape(
                    statements, new BatchEncoder(3), V3Fleet.COLLECTORS, V3Fleet.TARGETS, "beside-v3-");
            this.replay = new Replay(server, shape);
        } catch (IOException | RuntimeException failure) {
            fleet.close();
            throw failure;
        }
    }

    List<Measurement> measure(int warmSeconds, int turns) throws IOException, InterruptedException {
        // Both, since an idle session would be closed, too.
        WarmUp.run(warmSeconds, () -> v3(1) + natively(1));
        List<Double> ratios = new ArrayList<>();
        List<Double> costs = new ArrayList<>();
        List<Double> nativeCosts = new ArrayList<>();
        for (int turn = 0; turn < turns; turn++) {
            costs.add(v3(PUSHES_EACH));
            nativeCosts.add(natively(PUSHES_EACH));
            ratios.add(nativeCosts.get(turn) / costs.get(turn));
        }
        return List.of(
                Measurement.of(Goal.V3_TO_NATIVE, ratios),
                Measurement.aside("v3_server_cpu_a_value", "µs", costs),
                Measurement.aside("v3_native_server_cpu_a_value", "µs", nativeCosts));
    }

    /** All at once, as a fleet does. @return µs of the server's processors for a value */
    private double v3(int pushesEach) throws IOException, InterruptedException {
        double before = server.cpuSeconds();
        long rows = 0;
        for (int each = 0; each < pushesEach; each++) {
            rows += fleet.pushAll();
        }
        return (server.cpuSeconds() - before) * 1e6 / (rows * V3Statements.VALUES_A_ROW);
    }

    /** The same number of rows. @return µs of the server's processors for a value */
    private double natively(int batchesEach) throws IOException, InterruptedException {
        double before = server.cpuSeconds();
        int batches = batchesEach * V3Fleet.COLLECTORS;
        replay.flood(batches);
        return (server.cpuSeconds() - before) * 1e6 / ((double) batches * replay.rowsABatch() * columns);
    }

    @Override
    public void close() throws IOException {
        fleet.close();
        replay.close();
    }
}
