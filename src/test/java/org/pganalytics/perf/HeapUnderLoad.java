package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.pganalytics.model.MetricFamily;

/**
 * What the server holds on its heap while 500 collectors send 2,000 rows each 10 s: the live objects that {@code jcmd}
 * counts after a full collection, in the middle of the load, and what the operating system says is resident.
 */
final class HeapUnderLoad {
    private static final int COLLECTORS = 500;
    private static final int ROWS = 2_000;
    private static final double INTERVAL_SECONDS = 10;
    private static final double MIB = 1 << 20;
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

    private final Workplace workplace;
    private final Cores cores;
    private final MetricFamily statements;

    HeapUnderLoad(Workplace workplace, Cores cores, MetricFamily statements) {
        this.workplace = workplace;
        this.cores = cores;
        this.statements = statements;
    }

    /** @param rounds that count, after one that does not where there are several; a look at each */
    List<Measurement> measure(int rounds) throws IOException, InterruptedException {
        try (var server = ServerProcess.start(workplace, "heap", cores, Map.of("PGANALYTICS_TCP_IDLE_TIME", "10m"));
                var fleet = new Fleet(server, statements, COLLECTORS, ROWS)) {
            if (rounds > 1) {
                fleet.run(1, INTERVAL_SECONDS);
            }
            double cpuBefore = server.cpuSeconds();
            double databaseBefore = server.databaseCpuSeconds();
            var running = CompletableFuture.supplyAsync(() -> run(fleet, rounds));
            var live = new ArrayList<Double>();
            var resident = new ArrayList<Double>();
            for (int look = 0; look < rounds; look++) {
                Thread.sleep((long) (INTERVAL_SECONDS * (look == 0 ? 500 : 1_000)));
                resident.add(Cores.residentKib(server.pid()) / 1_024);
                live.add(liveMib(server));
            }
            var outcome = running.get();
            System.out.println("  heap: " + outcome.describe());
            return List.of(
                    Measurement.of(Goal.HEAP_MIB, live),
                    Measurement.aside("heap_resident", "MiB", resident),
                    Measurement.aside("heap_rows_per_second_offered", "rows/s", COLLECTORS * ROWS / INTERVAL_SECONDS),
                    Measurement.aside("heap_rows_per_second", "rows/s", outcome.rows() / outcome.seconds()),
                    Measurement.aside("heap_batches_late", "", outcome.behind()),
                    Measurement.aside("heap_batches_refused", "", outcome.refused()),
                    Measurement.aside("heap_batches_given_up", "", outcome.unfinished()),
                    Measurement.aside(
                            "heap_database_cores",
                            "",
                            (server.databaseCpuSeconds() - databaseBefore) / outcome.seconds()),
                    Measurement.aside("heap_server_cores", "", (server.cpuSeconds() - cpuBefore) / outcome.seconds()));
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause());
        }
    }

    private static Fleet.Outcome run(Fleet fleet, int rounds) {
        try {
            return fleet.run(rounds, INTERVAL_SECONDS);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Of all objects that can be reached: counting them makes a full collection first. */
    private static double liveMib(ServerProcess server) throws IOException, InterruptedException {
        var histogram = Commands.run(Commands.ofJava("jcmd"), Long.toString(server.pid()), "GC.class_histogram");
        var total = TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new IOException("jcmd says: " + histogram.lines().limit(5).toList());
        }
        return Long.parseLong(total.group(1)) / MIB;
    }
}
