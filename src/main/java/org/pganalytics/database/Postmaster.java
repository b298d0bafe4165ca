package org.pganalytics.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.pganalytics.fault.Fault;

/** One running postmaster of our folder, started by us or found; blocking, for worker threads only. */
final class Postmaster {
    private static final Duration GLANCE = Duration.ofMillis(50);
    private static final Duration QUIT_MAX = Duration.ofSeconds(10);

    private final ProcessHandle process;
    private final PostgresFolder folder;
    private final CountDownLatch gone = new CountDownLatch(1);

    private Postmaster(ProcessHandle process, PostgresFolder folder) {
        this.process = process;
        this.folder = folder;
        onExit(gone::countDown);
    }

    /** The process that has our data folder on its command line, whatever its pid file says. */
    static Optional<Postmaster> find(PostgresFolder folder) {
        return ProcessHandle.allProcesses()
                .filter(process -> isPostmasterOf(folder.data(), process.info()))
                .findFirst()
                .map(process -> new Postmaster(process, folder));
    }

    private static boolean isPostmasterOf(Path data, ProcessHandle.Info info) {
        var words = info.arguments().map(Arrays::asList).orElse(List.of());
        int folderAt = words.indexOf("-D") + 1;
        return info.command()
                        .filter(command -> command.endsWith("/bin/postgres"))
                        .isPresent()
                && folderAt > 0
                && folderAt < words.size()
                && words.get(folderAt).equals(data.toString());
    }

    static Postmaster start(PostgresFolder folder, PostgresBinaries binaries) throws IOException {
        var command = new ArrayList<>(SystemCommand.inOwnSession());
        command.addAll(SystemCommand.asNobodySpecial(folder.home()));
        command.addAll(List.of(binaries.program("postgres"), "-D", folder.data().toString()));
        command.addAll(List.of("-c", "port=" + folder.choosePort(), "-c", "listen_addresses=127.0.0.1"));
        command.addAll(List.of("-c", "unix_socket_directories=", "-c", "fsync=on", "-c", "full_page_writes=on"));
        var process = SystemCommand.builder(command, folder.home())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log().toFile()))
                .start();
        return new Postmaster(process.toHandle(), folder);
    }

    long pid() {
        return process.pid();
    }

    /** Whether its pid file is there and speaks of this process and this folder. */
    boolean agreesWithPidFile() {
        return PidFile.read(folder.data())
                .filter(file -> file.pid() == pid() && file.data().equals(folder.data()))
                .isPresent();
    }

    /** Waits until it takes connections. @return the port it listens on */
    int awaitReady(Duration timeout) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < deadline) {
            var file = PidFile.read(folder.data()).filter(it -> it.pid() == pid());
            if (file.filter(PidFile::ready).isPresent()) {
                return file.get().port();
            }
            if (awaitExit(GLANCE)) {
                throw Fault.STORE_DOWN.because("the embedded PostgreSQL ended at its start: " + lastWords());
            }
        }
        throw Fault.STORE_DOWN.because(
                "the embedded PostgreSQL was not ready within %s: %s".formatted(timeout, lastWords()));
    }

    /** @return whether it is gone now */
    boolean awaitExit(Duration timeout) {
        try {
            return gone.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Fault.STORE_DOWN.because("interrupted while waiting for the embedded PostgreSQL", e);
        }
    }

    void onExit(Runnable action) {
        var unused = process.onExit().thenRun(action);
    }

    /** A fast shutdown; when it takes longer than this an immediate one, after which the next start recovers. */
    void stop(Duration timeout) {
        if (awaitExit(Duration.ZERO)) {
            return;
        }
        SystemCommand.signal(pid(), "INT", folder.home());
        if (!awaitExit(timeout)) {
            SystemCommand.signal(pid(), "QUIT", folder.home());
            if (!awaitExit(QUIT_MAX)) {
                process.destroyForcibly();
            }
        }
    }

    private String lastWords() throws IOException {
        if (!Files.exists(folder.log())) {
            return "it wrote no log";
        }
        var lines = Files.readAllLines(folder.log());
        return String.join(" / ", lines.subList(Math.max(0, lines.size() - 5), lines.size())) + " (all of it in "
                + folder.log() + ")";
    }
}
