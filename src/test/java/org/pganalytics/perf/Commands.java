package org.pganalytics.perf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Other programs, started, waited for within a limit, and ended by their own process id. */
final class Commands {
    private static final long LIMIT_MINUTES = 5;

    private Commands() {}

    /** Its standard output; fails when it does, with what it said. */
    static String run(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        return finish(start(environment, command));
    }

    static String run(String... command) throws IOException, InterruptedException {
        return run(Map.of(), List.of(command));
    }

    /** The standard output of one that takes long; its errors go where those of this process go. */
    static String output(List<String> command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("%s failed: %s".formatted(command.get(0), said));
        }
        return said;
    }

    /** Its errors go where its output goes. */
    static Process start(Map<String, String> environment, List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** For one that says little, since it is read when it has ended or said all. */
    static String finish(Process process) throws IOException, InterruptedException {
        try {
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IOException("%s failed: %s".formatted(name(process), said));
            }
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    private static String name(Process process) {
        return process.info().command().orElse("a command");
    }
}
