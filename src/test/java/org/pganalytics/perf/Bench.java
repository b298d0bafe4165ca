package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;

/** {@code perf/run}: every comparison, one after the other. */
final class Bench {
    private static final int COLLECTORS = 16;
    private static final int TARGETS_A_BATCH = 7;

    private final boolean isShort;
    private final Cores cores;
    private final Workplace workplace = new Workplace();
    private final Results results = new Results(Machine.describe());

    private Bench(boolean isShort, Cores cores) throws IOException {
        this.isShort = isShort;
        this.cores = cores;
    }

    /** Arguments: {@code short} or {@code full}, and the database's core or "". */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var bench = new Bench(arguments[0].equals("short"), new Cores(arguments[1]));
        bench.run();
        System.exit(bench.verdict());
    }

    private int verdict() {
        var missed = isShort ? results.farMissed() : List.<Measurement>of();
        missed.forEach(one -> System.out.printf("%s is far from its floor%n", one.key()));
        return missed.isEmpty() ? 0 : 1;
    }

    private void run() throws IOException, InterruptedException {
        try (var server = ServerProcess.start(workplace, "copy", cores, Map.of())) {
            copy(server);
        }
    }

    private void copy(ServerProcess server) throws IOException, InterruptedException {
        System.out.println("the server against psql's COPY:");
        var shape = new Replay.Shape(statements(), new BatchEncoder(3), COLLECTORS, TARGETS_A_BATCH, "copy");
        try (var replay = new Replay(server, shape)) {
            var copy = new CopyRatio(server, replay, isShort ? 100_000 : 400_000);
            copy.measure(isShort ? 2 : 5, workplace.folder());
            results.add("copy", copy.measurements());
        }
    }

    static MetricFamily statements() {
        return FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(family -> family.name().equals("pg_stat_statements"))
                .findFirst()
                .orElseThrow();
    }
}
