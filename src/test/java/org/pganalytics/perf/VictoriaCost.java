package org.pganalytics.perf;

import java.io.BufferedWriter;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;

/**
 * VictoriaMetrics fed the same values as InfluxDB lines, one a row, from files by curl: what its processors do for a
 * value, its own flush included; over as many connections as collectors send to the server. Its series are known before the
 * first turn counts.
 */
final class VictoriaCost {
    private static final int COLLECTORS = 16;
    private static final int TARGETS = 7;
    private static final int TIMES = 3;
    private static final int START_TRIES = 300;

    /** A file for each collector. */
    private static final String LINES = "lines-%d.txt";

    private final Workplace workplace;
    private long values;
    private long rows;

    VictoriaCost(Workplace workplace, MetricFamily statements) throws IOException {
        this.workplace = workplace;
        var generated = new GeneratedBlocks(List.of(statements));
        for (int collector = 0; collector < COLLECTORS; collector++) {
            try (var out = Files.newBufferedWriter(lines(collector))) {
                for (var block : generated.ofTargets(statements, collector, TARGETS, 0)) {
                    write(block, out);
                }
            }
        }
    }

    private Path lines(int collector) {
        return workplace.folder().resolve(LINES.formatted(collector));
    }

    private void write(ColumnBlock block, BufferedWriter out) throws IOException {
        for (int row = 0; row < block.rows(); row++) {
            var tags = new StringBuilder(block.schema().family())
                    .append(",target=")
                    .append(block.target());
            var fields = new StringBuilder();
            for (int at = 0; at < block.vectors().size(); at++) {
                var column = block.schema().columns().get(at);
                var vector = block.vectors().get(at);
                var value = vector.isNull(row) ? "" : number(vector, row);
                if (!value.isEmpty()) {
                    append(column, value, column.role() == ColumnRole.KEY ? tags : fields);
                }
            }
            out.append(tags).append(' ').append(fields.substring(1)).append('\n');
            rows++;
        }
    }

    private void append(Column column, String value, StringBuilder to) {
        to.append(',').append(column.name()).append('=').append(value);
        values += column.role() == ColumnRole.KEY ? 0 : 1;
    }

    private static String number(ColumnVector vector, int row) {
        if (vector instanceof ColumnVector.Doubles doubles) {
            double value = doubles.values()[row];
            return Double.isFinite(value) ? Double.toString(value) : "";
        }
        return Long.toString(((ColumnVector.Longs) vector).values()[row]);
    }

    /** What one row has of values that are no keys. */
    double valuesARow() {
        return (double) values / rows;
    }

    /** @param root a Debian root that has VictoriaMetrics @param ourMicrosARow of server and database */
    List<Measurement> measure(String root, Cores cores, int turns, List<Double> ourMicrosARow)
            throws IOException, InterruptedException {
        int port;
        try (var probe = new ServerSocket(0)) {
            port = probe.getLocalPort();
        }
        var data = Files.createTempDirectory(Path.of(root, "tmp"), "pganalytics-perf");
        var process = workplace.keep(Commands.start(
                Map.of(),
                List.of(
                        "chroot",
                        root,
                        "/usr/bin/victoria-metrics",
                        "-storageDataPath=/tmp/" + data.getFileName(),
                        "-httpListenAddr=127.0.0.1:" + port,
                        "-loggerLevel=ERROR")));
        try {
            awaitReady(port);
            cores.pinDatabase(process.pid());
            feed(port, process);
            List<Double> theirs = new ArrayList<>();
            for (int turn = 0; turn < turns; turn++) {
                theirs.add(feed(port, process));
            }
            return measurements(theirs, ourMicrosARow);
        } finally {
            workplace.stop(process);
            Workplace.delete(data);
        }
    }

    private List<Measurement> measurements(List<Double> theirs, List<Double> ourMicrosARow) {
        var ratios = new ArrayList<Double>();
        for (int turn = 0; turn < Math.min(theirs.size(), ourMicrosARow.size()); turn++) {
            ratios.add(theirs.get(turn) / (ourMicrosARow.get(turn) / valuesARow()));
        }
        return List.of(
                Measurement.of(Goal.TO_VICTORIA, ratios), Measurement.aside("victoria_cpu_a_value", "µs", theirs));
    }

    private static void awaitReady(int port) throws IOException, InterruptedException {
        for (int time = 0; time < START_TRIES; time++) {
            try {
                get(port, "/health");
                return;
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        throw new IOException("VictoriaMetrics is not ready");
    }

    private static void get(int port, String path) throws IOException {
        var url = URI.create("http://127.0.0.1:" + port + path).toURL();
        ((HttpURLConnection) url.openConnection()).getInputStream().close();
    }

    /** By all at once. @return µs of its processors for a value */
    private double feed(int port, Process process) throws IOException, InterruptedException {
        double before = Cores.cpuSeconds(process.pid());
        try (var crew = new Crew(COLLECTORS)) {
            var url = "http://127.0.0.1:%d/write".formatted(port);
            for (int time = 0; time < TIMES; time++) {
                crew.all(collector -> Commands.run("curl", "-sSf", "--data-binary", "@" + lines(collector), url));
            }
        }
        get(port, "/internal/force_flush");
        return (Cores.cpuSeconds(process.pid()) - before) * 1e6 / (TIMES * values);
    }
}
