package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.perf.Cores;

/**
 * How long one agent takes to read all its targets once, all families of all of them due at one moment: its process is
 * stopped for longer than their interval, and from when it goes on until the targets have answered as many statements as
 * they do in a whole interval. Everything is in it: the agent's work, the targets' own, and waiting for processors.
 */
final class AgentCycle {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration STOPPED = INTERVAL.plusSeconds(2);
    private static final Duration WARM_UP = Duration.ofSeconds(40);
    private static final Duration LOOK_EVERY = Duration.ofMillis(25);
    private static final Duration CYCLE_MAX = Duration.ofMinutes(2);
    private static final String ANSWERED = """
            SELECT coalesce(sum(calls), 0)::int8 FROM pg_stat_statements(false)
            WHERE userid = 'watcher'::regrole
            """;

    private final Program agent;
    private final Program server;
    private final JsonArray seconds = new JsonArray();
    private double agentCpu;
    private double databaseCpu;

    AgentCycle(Program agent, Program server) {
        this.agent = agent;
        this.server = server;
    }

    /** Settings of a target by which all its families are due at once. */
    static String intervals() {
        return FamilyFiles.load(Path.of("conf/families")).stream()
                .map(family -> "%s = %ds".formatted(family.name(), INTERVAL.toSeconds()))
                .collect(Collectors.joining(", ", "intervals { ", " }"));
    }

    JsonObject measured(int cycles) throws Exception {
        sleep(WARM_UP);
        try (var connection = server.database()) {
            long before = answered(connection);
            sleep(INTERVAL);
            long reads = answered(connection) - before;
            for (int cycle = 0; cycle < cycles; cycle++) {
                measure(connection, reads);
            }
            return new JsonObject()
                    .put("cycles_seconds", seconds)
                    .put("cycle_reads", reads)
                    .put("cycle_agent_cpu_seconds", agentCpu / cycles)
                    .put("cycle_database_cpu_seconds", databaseCpu / cycles);
        }
    }

    private void measure(Connection connection, long reads) throws Exception {
        agent.signal("STOP");
        sleep(STOPPED);
        long before = answered(connection);
        double agentBefore = Cores.cpuSeconds(agent.process().pid());
        double databaseBefore = Cores.cpuSecondsOfFamily(AgentPlace.postmaster(server.data()));
        long begun = System.nanoTime();
        agent.signal("CONT");
        while (answered(connection) - before < reads) {
            if (System.nanoTime() - begun > CYCLE_MAX.toNanos()) {
                throw new IllegalStateException(
                        "%d of %d statements after %s".formatted(answered(connection) - before, reads, CYCLE_MAX));
            }
            sleep(LOOK_EVERY);
        }
        double took = (System.nanoTime() - begun) / 1e9;
        // Targets whose turn comes again meanwhile have answered more than once: as much is added as there may be of
        // them.
        seconds.add(took * (1 + took / INTERVAL.toSeconds()));
        agentCpu += Cores.cpuSeconds(agent.process().pid()) - agentBefore;
        databaseCpu += Cores.cpuSecondsOfFamily(AgentPlace.postmaster(server.data())) - databaseBefore;
        sleep(Duration.ofSeconds(5));
    }

    private static long answered(Connection connection) throws Exception {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(ANSWERED)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void sleep(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }
}
