package org.pganalytics.perf;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One agent that watches many targets, measured by {@code AgentBench} in a process of its own, see perf/README.md. */
final class AgentCost {
    private static final int TARGETS = 100;

    private AgentCost() {}

    static List<Measurement> measure(Workplace workplace, boolean isShort) throws IOException, InterruptedException {
        // The agent, its targets and the server take turns as they would on any machine.
        var command = new ArrayList<>(Cores.onAll());
        command.addAll(List.of(
                Commands.ofJava("java"),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "org.pganalytics.boot.AgentBench",
                Integer.toString(TARGETS),
                isShort ? "20" : "120"));
        var said = Commands.runLong(workplace, command);
        var found = new JsonObject(said.substring(said.indexOf('{')));
        var cycles = found.getJsonArray("cycles_seconds").stream()
                .map(seconds -> ((Number) seconds).doubleValue())
                .toList();
        var measured = new ArrayList<>(List.of(
                Measurement.of(Goal.AGENT_PERCENT, found.getDouble("cpu_percent_of_a_core")),
                Measurement.of(Goal.AGENT_MB, found.getDouble("rss_mb_max")),
                Measurement.of(Goal.AGENT_CYCLE_SECONDS, cycles),
                aside(found, "cycle_agent_cpu"),
                aside(found, "cycle_targets_cpu"),
                Measurement.aside("agent_cycle_reads", "", found.getDouble("cycle_reads"))));
        if (found.containsKey("real_cycles_seconds")) {
            double real = found.getJsonArray("real_cycles_seconds").getDouble(0);
            measured.add(Measurement.aside("agent_real_cycle", "s", real));
            measured.add(aside(found, "real_cycle_agent_cpu"));
            measured.add(aside(found, "real_cycle_targets_cpu"));
        }
        return measured;
    }

    private static Measurement aside(JsonObject found, String name) {
        return Measurement.aside("agent_" + name, "s", found.getDouble(name + "_seconds"));
    }
}
