package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.perf.Cores;

/**
 * How long one agent takes to read all its targets once, all families of all of them due at one moment: its process is
 * stopped for longer than their interval, and from when it goes on until each target has answered all that it answers in a
 * whole interval. Everything is in it: the agent's work, the targets' own, and waiting for processors.
 */
final class AgentCycle {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration STOPPED = INTERVAL.plusSeconds(2);
    private static final Duration WARM_UP = Duration.ofSeconds(40);
    private static final Duration LOOK_EVERY = Duration.ofMillis(25);
    private static final Duration CYCLE_MAX = Duration.ofMinutes(2);

    private final Program agent;
    private final CycleTargets targets;
    private final JsonArray seconds = new JsonArray();
    private double agentCpu;
    private double targetsCpu;

    AgentCycle(Program agent, CycleTargets targets) {
        this.agent = agent;
        this.targets = targets;
    }

    /** Settings of a target by which all its families are due at once. */
    static String intervals() {
        return intervals(INTERVAL);
    }

    /** Texts have no interval in which they are due: they are read when they are new, and again after a day. */
    static String intervals(Duration interval) {
        return FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(family -> family.kind() == Kind.SAMPLES)
                .map(family -> "%s = %ds".formatted(family.name(), interval.toSeconds()))
                .collect(Collectors.joining(", ", "intervals { ", " }"));
    }

    /** @param prefix of the names of what is found */
    JsonObject measured(int cycles, String prefix) throws Exception {
        sleep(WARM_UP);
        targets.hear();
        sleep(targets.hearing(INTERVAL));
        long reads = targets.heard();
        for (int cycle = 0; cycle < cycles; cycle++) {
            measure();
        }
        return new JsonObject()
                .put(prefix + "cycles_seconds", seconds)
                .put(prefix + "cycle_reads", reads)
                .put(prefix + "cycle_agent_cpu_seconds", agentCpu / cycles)
                .put(prefix + "cycle_targets_cpu_seconds", targetsCpu / cycles)
                .put(prefix + "cycle_warnings", agent.warnings());
    }

    private void measure() throws Exception {
        agent.signal("STOP");
        sleep(STOPPED);
        targets.begin();
        double agentBefore = Cores.cpuSeconds(agent.process().pid());
        double targetsBefore = targets.cpuSeconds();
        long begun = System.nanoTime();
        agent.signal("CONT");
        while (!targets.isThrough()) {
            if (System.nanoTime() - begun > CYCLE_MAX.toNanos()) {
                throw new IllegalStateException("the targets are not read within " + CYCLE_MAX);
            }
            sleep(LOOK_EVERY);
        }
        seconds.add(targets.seconds((System.nanoTime() - begun) / 1e9, INTERVAL));
        agentCpu += Cores.cpuSeconds(agent.process().pid()) - agentBefore;
        targetsCpu += targets.cpuSeconds() - targetsBefore;
        sleep(Duration.ofSeconds(5));
    }

    private static void sleep(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }
}
