package org.pganalytics.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The folder of a bench, and the programs that it starts by the launcher. However the bench ends, short of SIGKILL, both are
 * gone then: the programs that were started last first, also one that is stopped.
 */
final class AgentPlace {
    private static final int STOP_SECONDS = 60;

    private final Path data;
    private final Deque<Program> started = new ArrayDeque<>();
    private boolean ending;

    AgentPlace(String name) throws IOException {
        data = Program.folder(name);
        Runtime.getRuntime().addShutdownHook(new Thread(this::clear, "clear-up"));
    }

    /** The data folder of all programs. */
    Path data() {
        return data;
    }

    /** Beside it. */
    Path file(String name) {
        return data.resolveSibling(name);
    }

    synchronized Program launch(Map<String, String> environment, String... arguments) throws IOException {
        if (ending) {
            throw new IllegalStateException("the bench is ending");
        }
        var program = Program.launch(data, environment, arguments);
        started.push(program);
        return program;
    }

    private void clear() {
        try {
            for (var program : end()) {
                program.close();
            }
            stopDatabase();
            delete();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (ExecutionException | TimeoutException stuck) {
            throw new IllegalStateException("the embedded database does not end", stuck);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Deque<Program> end() {
        ending = true;
        return started;
    }

    /** A server that had to be killed leaves it running. */
    private void stopDatabase() throws IOException, ExecutionException, InterruptedException, TimeoutException {
        if (!Files.exists(postmasterFile(data))) {
            return;
        }
        var left = ProcessHandle.of(postmaster(data))
                .filter(process -> process.info().command().orElse("").endsWith("postgres"));
        if (left.isPresent()) {
            left.get().destroy();
            left.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** The number of the first process of the embedded database. @param data the server's folder */
    static long postmaster(Path data) throws IOException {
        return Long.parseLong(Files.readAllLines(postmasterFile(data)).get(0));
    }

    private static Path postmasterFile(Path data) {
        return data.resolve("postgres/data/postmaster.pid");
    }

    private void delete() throws IOException {
        try (var all = Files.walk(data.getParent())) {
            for (var each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
