package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;

/**
 * {@code perf/lanes}: what the number of lanes and the longest wait for company do to the top rate, to what a row costs, and
 * to the ack at half that rate; each setting on a server of its own, by turns: all of them in one round after the other, so
 * that what the machine does at one time does not fall to one of them.
 */
final class Lanes {
    private static final int COLLECTORS = 16;
    private static final int TARGETS = 7;
    private static final int ROWS = 400_000;
    private static final int ROUNDS = 2;
    private static final int TURNS = 3;
    private static final int ACK_SECONDS = 8;

    /** A setting of the server. */
    private record Setting(int lanes, String linger) {
        Map<String, String> environment() {
            return Map.of("PGANALYTICS_STORAGE_LANES", "" + lanes, "PGANALYTICS_STORAGE_LINGER", linger);
        }

        String folder() {
            return "lanes-%d-%s".formatted(lanes, linger);
        }

        String words() {
            return "%d lanes, linger %s".formatted(lanes, linger);
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
    private final Map<Setting, List<Measurement>> found = new LinkedHashMap<>();

    private Lanes(Cores cores, MetricFamily statements) throws IOException {
        this.cores = cores;
        this.statements = statements;
    }

    /** Arguments: the database's core or "", seconds of warming up. */
    public static void main(String[] arguments) throws Exception {
        var lanes = new Lanes(new Cores(arguments[0]), Statements.shipped());
        for (int round = 1; round <= ROUNDS; round++) {
            for (var setting : SETTINGS) {
                lanes.measure(setting, round, Integer.parseInt(arguments[1]));
            }
        }
        lanes.found.forEach((setting, all) -> System.out.printf("all rounds, %s: %s%n", setting.words(), line(all)));
        System.exit(0);
    }

    private void measure(Setting setting, int round, int warmSeconds) throws IOException, InterruptedException {
        var names = "lanes-%d-".formatted(round);
        var shape = new Replay.Shape(statements, new BatchEncoder(3), COLLECTORS, TARGETS, names);
        try (var server = ServerProcess.start(workplace, setting.folder(), cores, setting.environment());
                var replay = new Replay(server, shape)) {
            var copy = new CopyRatio(server, replay, ROWS, setting.lanes());
            copy.measure(warmSeconds, TURNS, workplace);
            var measured = new ArrayList<>(copy.measurements(Goal.COPY_RATIO, null, ""));
            measured.addAll(new AckLatency(replay, copy).measure(TURNS, ACK_SECONDS));
            System.out.printf("round %d, %s: %s%n", round, setting.words(), line(measured));
            found.merge(setting, measured, Lanes::together);
        }
    }

    /** Each figure as often as it was taken in both. */
    private static List<Measurement> together(List<Measurement> before, List<Measurement> more) {
        var both = new ArrayList<Measurement>();
        for (int at = 0; at < before.size(); at++) {
            var one = before.get(at);
            both.add(new Measurement(
                    one.key(),
                    one.unit(),
                    Stream.concat(one.values().stream(), more.get(at).values().stream())
                            .toList(),
                    one.goal()));
        }
        return both;
    }

    private static String line(List<Measurement> all) {
        return all.stream()
                .filter(one -> !one.key().startsWith("psql"))
                .map(one -> "%s %.3g (%.3g to %.3g)".formatted(one.key(), one.median(), one.least(), one.most()))
                .collect(Collectors.joining("  "));
    }
}
