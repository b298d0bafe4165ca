package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pganalytics.model.MetricFamily;

/**
 * How many collectors one server holds, each with a connection of its own and 100 rows each 10 s. A number is held when none
 * of that many was ever throttled, refused or cut off, every batch was acknowledged before the next was due, and all rows
 * that were acknowledged are there. Each number is tried on a database of its own.
 */
final class HeldCollectors {
    private static final int ROWS = 100;
    private static final double INTERVAL_SECONDS = 10;
    private static final String COUNT = "SELECT count(*) FROM metrics.pg_stat_statements";

    private final Workplace workplace;
    private final Cores cores;
    private final MetricFamily statements;
    private final List<Measurement> asides = new ArrayList<>();

    /** @param first tried @param more than it, upwards @param fewer than it, downwards */
    record Sizes(int first, List<Integer> more, List<Integer> fewer) {}

    HeldCollectors(Workplace workplace, Cores cores, MetricFamily statements) {
        this.workplace = workplace;
        this.cores = cores;
        this.statements = statements;
    }

    /**
     * The figures of every attempt are asides; the first of all is the most that were held, or 0.
     *
     * @param rounds that count, after one that does not
     */
    List<Measurement> measure(Sizes sizes, int rounds) throws IOException, InterruptedException {
        int held = isHeld(sizes.first(), rounds) ? most(sizes, rounds) : fewer(sizes, rounds);
        asides.add(
                0,
                sizes.first() < Goal.COLLECTORS.floor()
                        ? Measurement.aside("collectors_of_a_short_run", "", held)
                        : Measurement.of(Goal.COLLECTORS, held));
        return List.copyOf(asides);
    }

    private int most(Sizes sizes, int rounds) throws IOException, InterruptedException {
        int held = sizes.first();
        for (int more : sizes.more()) {
            if (!isHeld(more, rounds)) {
                break;
            }
            held = more;
        }
        return held;
    }

    private int fewer(Sizes sizes, int rounds) throws IOException, InterruptedException {
        for (int fewer : sizes.fewer()) {
            if (isHeld(fewer, rounds)) {
                return fewer;
            }
        }
        return 0;
    }

    private boolean isHeld(int collectors, int rounds) throws IOException, InterruptedException {
        // While thousands register, those that have wait.
        var settings = Map.of(
                "PGANALYTICS_TCP_CONNECTIONS_MAX",
                Integer.toString(collectors + 100),
                "PGANALYTICS_TCP_IDLE_TIME",
                "10m");
        var data = "held-" + collectors;
        boolean held;
        try (var server = ServerProcess.start(workplace, data, cores, settings)) {
            held = isHeld(server, collectors, rounds);
        }
        Workplace.delete(workplace.folder().resolve(data));
        System.out.printf("  held: %d collectors are%s%n", collectors, held ? "" : " not");
        return held;
    }

    private boolean isHeld(ServerProcess server, int collectors, int rounds) throws IOException, InterruptedException {
        double started = server.cpuSeconds();
        Fleet fleet;
        try {
            fleet = new Fleet(server, statements, collectors, ROWS);
        } catch (IOException failure) {
            System.out.printf("  held: %d collectors cannot all register: %s%n", collectors, failure.getMessage());
            add(collectors, "clean", "", 0);
            return false;
        }
        try (fleet) {
            add(collectors, "registration_ms", "ms", fleet.registrationMillis());
            add(collectors, "registration_server_cpu", "ms", (server.cpuSeconds() - started) * 1e3 / collectors);
            fleet.run(1, INTERVAL_SECONDS);
            return isHeld(server, fleet, collectors, rounds);
        }
    }

    private boolean isHeld(ServerProcess server, Fleet fleet, int collectors, int rounds)
            throws IOException, InterruptedException {
        long before = server.psql().number(COUNT);
        double serverBefore = server.cpuSeconds();
        double databaseBefore = server.databaseCpuSeconds();
        var outcome = fleet.run(rounds, INTERVAL_SECONDS);
        add(collectors, "server_cores", "", (server.cpuSeconds() - serverBefore) / outcome.seconds());
        add(collectors, "database_cores", "", (server.databaseCpuSeconds() - databaseBefore) / outcome.seconds());
        add(collectors, "resident", "MiB", Cores.residentKib(server.pid()) / 1_024);
        System.out.println("  held: " + outcome.describe());
        requireAllRows(outcome, server.psql().number(COUNT) - before);
        add(collectors, "clean", "", outcome.clean());
        add(collectors, "seconds", "s", outcome.seconds());
        add(collectors, "rows_per_second", "rows/s", outcome.rows() / outcome.seconds());
        add(collectors, "throttled", "", outcome.throttled());
        add(collectors, "refused", "", outcome.refused());
        add(collectors, "late", "", outcome.behind());
        add(collectors, "given_up", "", outcome.unfinished());
        add(collectors, "connections_lost", "", outcome.lost());
        add(collectors, "sent_late_by_the_bench", "", outcome.sentLate());
        // The last batches, too, have an interval until they are late.
        return outcome.clean() == collectors && outcome.seconds() <= (rounds + 1) * INTERVAL_SECONDS;
    }

    /** A batch whose ack was lost with its connection may be there besides. */
    private static void requireAllRows(Fleet.Outcome outcome, long stored) throws IOException {
        if (stored < outcome.rows() || outcome.lost() == 0 && stored > outcome.rows()) {
            throw new IOException("%d rows were acknowledged, %d are stored".formatted(outcome.rows(), stored));
        }
    }

    private void add(int collectors, String what, String unit, double value) {
        asides.add(Measurement.aside("collectors_%d_%s".formatted(collectors, what), unit, value));
    }
}
