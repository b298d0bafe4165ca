package org.pganalytics.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a run leaves behind: a folder, and processes. However it ends, short of SIGKILL, both are gone then. The folder is on
 * the disk that the sources are on, since a system's own for temporary files may be memory.
 */
final class Workplace {
    private static final Path ROOT = Path.of("target/perf");
    private static final int STOP_SECONDS = 60;
    /** Below a server's data folder. */
    private static final String POSTMASTER = "postgres/data/postmaster.pid";

    private final Path folder;
    private final Deque<Process> started = new ConcurrentLinkedDeque<>();
    private boolean ending;

    Workplace() throws IOException {
        folder = Files.createTempDirectory(root(), "run").toAbsolutePath();
        Runtime.getRuntime().addShutdownHook(new Thread(this::clear, "clear-up"));
    }

    /** Where every run has its folder; it is there. */
    static Path root() throws IOException {
        return Files.createDirectories(ROOT);
    }

    Path folder() {
        return folder;
    }

    /** The same process, to be stopped at the end; at once when that has come. */
    synchronized Process keep(Process process) {
        if (ending) {
            process.destroyForcibly();
            throw new IllegalStateException("the run is ending");
        }
        started.push(process);
        return process;
    }

    private synchronized void end() {
        ending = true;
    }

    void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        started.remove(process);
    }

    /** And the embedded database, which a server that had to be killed leaves running. */
    void stopServer(Process process, Path data) throws IOException, InterruptedException {
        stop(process);
        stopDatabase(data);
    }

    /** The number of the embedded database's first process; 0 where there is none. */
    static long postmaster(Path data) throws IOException {
        var file = data.resolve(POSTMASTER);
        return Files.exists(file) ? Long.parseLong(Files.readAllLines(file).get(0)) : 0;
    }

    private static void stopDatabase(Path data) throws IOException, InterruptedException {
        long pid = postmaster(data);
        var left = ProcessHandle.of(pid);
        if (pid == 0 || left.isEmpty() || !worksIn(pid, data.resolve(POSTMASTER).getParent())) {
            return;
        }
        left.get().destroy();
        try {
            left.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException busy) {
            left.get().destroyForcibly();
        } catch (ExecutionException impossible) {
            throw new IOException(impossible);
        }
    }

    /** PostgreSQL does in its data folder; a number of a process that has ended may be another one's since. */
    private static boolean worksIn(long pid, Path folder) {
        try {
            return Files.isSameFile(Path.of("/proc/%d/cwd".formatted(pid)), folder);
        } catch (IOException ended) {
            return false;
        }
    }

    private void clear() {
        end();
        try {
            for (var process : started) {
                stop(process);
            }
            try (var data = Files.list(folder)) {
                for (var each : data.toList()) {
                    stopDatabase(each);
                }
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
