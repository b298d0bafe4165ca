package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code perf/faults} that does not come to its faults: says why in short, and leaves nothing behind. */
class FaultBenchIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String HEAD = "Breaks everything under a fleet";

    @TempDir
    Path elsewhere;

    @TempDir
    Path logs;

    private record Ended(int code, String said) {}

    private Process start(Path folder, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(logs.resolve("log").toFile())
                .start();
    }

    private Ended ended(Process process) throws Exception {
        try {
            assertTrue(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS), "it runs on");
            return new Ended(process.exitValue(), Files.readString(logs.resolve("log")));
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> bench(String... arguments) {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                FaultBench.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    @Test
    void aFaultThatThereIsNotIsToldWithWhatThereIs() throws Exception {
        var told = ended(start(Path.of("").toAbsolutePath(), bench("--only=kill-server,kill-everything")));

        assertUsage(told, "perf/faults: --only: there is no fault 'kill-everything'");
    }

    @Test
    void anOptionThatThereIsNotIsToldBeforeAnythingIsBuilt() throws Exception {
        for (var wrong : List.of("--mintues", "--minutes=many", "--seed", "--only=")) {
            var told = ended(start(Path.of("").toAbsolutePath(), List.of("perf/faults", wrong)));
            assertUsage(told, "perf/faults: ");
            assertTrue(told.said().lines().findFirst().orElseThrow().contains(wrong.split("=")[0]), told.said());
        }
    }

    private static void assertUsage(Ended told, String begin) {
        assertEquals(2, told.code(), told.said());
        var lines = told.said().lines().toList();
        assertTrue(lines.get(0).startsWith(begin), told.said());
        assertTrue(lines.get(1).startsWith(HEAD), told.said());
        assertFalse(told.said().contains("Usage:") || told.said().contains("\tat "), told.said());
    }

    @Test
    void aStartThatFailsLeavesNothingBehind() throws Exception {
        var told = ended(start(elsewhere, bench("--before=" + elsewhere.resolve("no-version-there"))));

        assertEquals(1, told.code(), told.said());
        assertTrue(told.said().contains("perf/faults: FAILED with --seed "), told.said());
        assertEquals(List.of(), left(), told.said());
    }

    @Test
    void oneThatIsToldToStopLeavesNothingBehind() throws Exception {
        var bench = start(elsewhere, bench());
        Awaitility.await("its databases are being made").atMost(LIMIT).until(() -> !left().isEmpty());

        bench.destroy();

        var told = ended(bench);
        assertEquals(143, told.code(), told.said());
        assertEquals(List.of(), left(), told.said());
    }

    /** Of the runs, where they have their folders. */
    private List<Path> left() throws IOException {
        var runs = elsewhere.resolve("target/it");
        if (!Files.exists(runs)) {
            return List.of();
        }
        try (var all = Files.list(runs)) {
            return all.toList();
        }
    }
}
