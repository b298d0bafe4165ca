package org.pganalytics.perf;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Other programs, started, waited for within a limit, and ended by their own process id. */
final class Commands {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private Commands() {}

    /** What waits for a process. */
    private interface Waiting {
        /** @return whether it has ended */
        boolean until(Process process) throws InterruptedException;
    }

    /** Its standard output; fails when it does, with what it said. */
    static String run(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        return outputOf(builder(environment, command), process -> process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS));
    }

    static String run(String... command) throws IOException, InterruptedException {
        return run(Map.of(), List.of(command));
    }

    /** The standard output of one that takes as long as it takes; it ends with the run. */
    static String runLong(Workplace workplace, List<String> command) throws IOException, InterruptedException {
        return outputOf(builder(Map.of(), command), process -> {
            workplace.keep(process);
            try {
                process.waitFor();
                return true;
            } finally {
                workplace.stop(process);
            }
        });
    }

    /** One that goes on beside this program; nobody reads what it says, but for its errors. */
    static Process start(Map<String, String> environment, List<String> command) throws IOException {
        return builder(environment, command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** A program of the Java that runs this one. */
    static String ofJava(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder;
    }

    /** By way of files: with pipes, one that never ends and closes nothing would be read for ever. */
    private static String outputOf(ProcessBuilder builder, Waiting waiting) throws IOException, InterruptedException {
        var said = Files.createTempFile(Workplace.root(), "command", ".out");
        var complained = Files.createTempFile(Workplace.root(), "command", ".err");
        try {
            var process = builder.redirectOutput(said.toFile())
                    .redirectError(complained.toFile())
                    .start();
            try {
                if (!waiting.until(process)) {
                    throw new IOException(failure(builder, "had not ended after " + LIMIT, said, complained));
                }
                if (process.exitValue() != 0) {
                    throw new IOException(failure(builder, "ended with " + process.exitValue(), said, complained));
                }
            } finally {
                process.destroyForcibly();
            }
            return Files.readString(said).strip();
        } finally {
            Files.deleteIfExists(said);
            Files.deleteIfExists(complained);
        }
    }

    private static String failure(ProcessBuilder builder, String what, Path said, Path complained) throws IOException {
        var program = new File(builder.command().get(0)).getName();
        var text = Files.readString(complained) + Files.readString(said);
        return "%s %s: %s".formatted(program, what, text.strip());
    }
}
