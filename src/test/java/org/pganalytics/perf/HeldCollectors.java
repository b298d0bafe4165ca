package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pganalytics.model.MetricFamily;

/**
 * How many collectors one server holds, each with a connection of its own and 100 rows each 10 s: those that were never
 * throttled, refused or cut off, whose every batch was acknowledged before the next was due, and whose rows are all there.
 */
final class HeldCollectors {
    private static final int ROWS = 100;
    private static final double INTERVAL_SECONDS = 10;
    private static final String COUNT = "SELECT count(*) FROM metrics.pg_stat_statements";

    private final Workplace workplace;
    private final Cores cores;
    private final MetricFamily statements;

    HeldCollectors(Workplace workplace, Cores cores, MetricFamily statements) {
        this.workplace = workplace;
        this.cores = cores;
        this.statements = statements;
    }

    /** @param rounds that count, after one that does not */
    List<Measurement> measure(int collectors, int rounds) throws IOException, InterruptedException {
        // While thousands register, those that have wait.
        var settings = Map.of(
                "PGANALYTICS_TCP_CONNECTIONS_MAX",
                Integer.toString(collectors + 100),
                "PGANALYTICS_TCP_IDLE_TIME",
                "10m");
        try (var server = ServerProcess.start(workplace, "held", cores, settings)) {
            return measure(server, collectors, rounds);
        }
    }

    private List<Measurement> measure(ServerProcess server, int collectors, int rounds)
            throws IOException, InterruptedException {
        double started = server.cpuSeconds();
        try (var fleet = new Fleet(server, statements, collectors, ROWS)) {
            double registered = server.cpuSeconds() - started;
            fleet.run(1, INTERVAL_SECONDS);
            long before = server.psql().number(COUNT);
            double serverBefore = server.cpuSeconds();
            double databaseBefore = server.databaseCpuSeconds();
            var outcome = fleet.run(rounds, INTERVAL_SECONDS);
            double serverCpu = server.cpuSeconds() - serverBefore;
            double databaseCpu = server.databaseCpuSeconds() - databaseBefore;
            System.out.println("  held: " + outcome.describe());
            long stored = server.psql().number(COUNT) - before;
            if (outcome.lost() == 0 && stored != outcome.rows()) {
                throw new IOException("%d rows were acknowledged, %d are stored".formatted(outcome.rows(), stored));
            }
            var found = new ArrayList<Measurement>();
            found.add(
                    collectors < Goal.COLLECTORS.floor()
                            ? Measurement.aside("collectors_of_a_short_run", "", outcome.clean())
                            : Measurement.of(Goal.COLLECTORS, outcome.clean()));
            found.add(Measurement.aside("collectors_tried", "", collectors));
            found.add(Measurement.aside("collectors_rows_per_second", "rows/s", outcome.rows() / outcome.seconds()));
            found.add(Measurement.aside("collectors_rows_lost", "", outcome.rows() - stored));
            found.add(Measurement.aside("collectors_throttled", "", outcome.throttled()));
            found.add(Measurement.aside("collectors_refused", "", outcome.refused()));
            found.add(Measurement.aside("collectors_late", "", outcome.behind()));
            found.add(Measurement.aside("collectors_server_cores", "", serverCpu / outcome.seconds()));
            found.add(Measurement.aside("collectors_database_cores", "", databaseCpu / outcome.seconds()));
            found.add(Measurement.aside("collectors_resident", "MiB", Cores.residentKib(server.pid()) / 1_024));
            found.add(Measurement.aside("registration_ms", "ms", fleet.registrationMillis()));
            found.add(Measurement.aside("registration_server_cpu", "ms", registered * 1e3 / collectors));
            return found;
        }
    }
}
