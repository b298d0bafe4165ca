package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;

/**
 * {@code perf/lanes}: what the number of lanes and the longest wait for company do to the top rate, to what a row costs, and
 * to the ack at half that rate; each setting on a server of its own, by turns.
 */
final class Lanes {
    private static final int COLLECTORS = 16;
    private static final int TARGETS = 7;
    private static final int ROWS = 400_000;
    private static final int TURNS = 3;
    private static final int ACK_SECONDS = 8;

    /** A setting of the server. */
    private record Setting(int lanes, String linger) {
        Map<String, String> environment() {
            return Map.of("PGANALYTICS_STORAGE_LANES", "" + lanes, "PGANALYTICS_STORAGE_LINGER", linger);
        }
    }

    private static final List<Setting> SETTINGS = List.of(
            new Setting(1, "10ms"),
            new Setting(2, "10ms"),
            new Setting(3, "10ms"),
            new Setting(4, "10ms"),
            new Setting(2, "0ms"),
            new Setting(2, "50ms"));

    private final Workplace workplace = new Workplace();
    private final Cores cores;
    private final MetricFamily statements;

    private Lanes(Cores cores, MetricFamily statements) throws IOException {
        this.cores = cores;
        this.statements = statements;
    }

    /** Arguments: the database's core or "", seconds of warming up. */
    public static void main(String[] arguments) throws Exception {
        var statements = FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(family -> family.name().equals("pg_stat_statements"))
                .findFirst()
                .orElseThrow();
        var lanes = new Lanes(new Cores(arguments[0]), statements);
        for (var setting : SETTINGS) {
            lanes.measure(setting, Integer.parseInt(arguments[1]));
        }
        System.exit(0);
    }

    private void measure(Setting setting, int warmSeconds) throws IOException, InterruptedException {
        var shape = new Replay.Shape(statements, new BatchEncoder(3), COLLECTORS, TARGETS, "lanes-");
        var name = "lanes-%d-%s".formatted(setting.lanes(), setting.linger());
        try (var server = ServerProcess.start(workplace, name, cores, setting.environment());
                var replay = new Replay(server, shape)) {
            var copy = new CopyRatio(server, replay, ROWS);
            copy.measure(warmSeconds, TURNS, workplace.folder());
            var ack = new AckLatency(replay, copy).measure(TURNS, ACK_SECONDS);
            System.out.printf(
                    "%d lanes, linger %s: %s%n",
                    setting.lanes(), setting.linger(), line(copy.measurements(Goal.COPY_RATIO, null, ""), ack));
        }
    }

    private static String line(List<Measurement> rates, List<Measurement> ack) {
        var line = new StringBuilder();
        for (var list : List.of(rates, ack)) {
            for (var one : list) {
                if (!one.key().startsWith("psql")) {
                    line.append("%s %.3g (%.3g to %.3g)  ".formatted(one.key(), one.median(), one.least(), one.most()));
                }
            }
        }
        return line.toString();
    }
}
