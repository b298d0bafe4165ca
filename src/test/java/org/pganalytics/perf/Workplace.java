package org.pganalytics.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;

/** What a run leaves behind: a folder, and processes. However it ends, short of SIGKILL, both are gone then. */
final class Workplace {
    private static final int STOP_SECONDS = 60;

    private final Path folder;
    private final Deque<Process> started = new ConcurrentLinkedDeque<>();

    Workplace() throws IOException {
        folder = Files.createTempDirectory("pganalytics-perf");
        Runtime.getRuntime().addShutdownHook(new Thread(this::clear, "clear-up"));
    }

    Path folder() {
        return folder;
    }

    /** The same process, to be stopped at the end. */
    Process keep(Process process) {
        started.push(process);
        return process;
    }

    void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        started.remove(process);
    }

    private void clear() {
        try {
            for (var process : started) {
                stop(process);
            }
            delete(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
