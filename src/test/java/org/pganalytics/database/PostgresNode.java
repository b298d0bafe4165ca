package org.pganalytics.database;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One PostgreSQL of a pair, in a folder and on a port that stay its own whoever leads; blocking, for tests only. */
final class PostgresNode {
    private static final Duration COPY_MAX = Duration.ofMinutes(2);

    /** A standby takes its start from what its primary has written since. */
    private static final String KEEP_WAL = "wal_keep_size=512MB";

    private final Path home;
    private final String name;
    private final int port;
    private Process process;

    /** @param home of the programs and of both nodes @param name of its folder there */
    PostgresNode(Path home, String name) throws IOException {
        this.home = home;
        this.name = name;
        this.port = freePort();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    DatabaseHost host() {
        return new DatabaseHost("127.0.0.1", port);
    }

    Path folder() {
        return home.resolve(name);
    }

    /** Becomes a copy of a node that runs on, or of none where its folder is not there yet. */
    void copy(PostgresNode from) throws IOException {
        if (Files.exists(folder())) {
            PostgresBinaries.deleteTree(folder());
        }
        Files.createDirectory(folder());
        var copy = "tar -C %s --warning=no-file-changed --warning=no-file-removed --exclude=./postmaster.pid"
                + " --exclude=./pg_wal/* -cf - . | tar -C %s -xpf -";
        SystemCommand.run(List.of("sh", "-c", copy.formatted(from.name, name)), home, COPY_MAX);
        Files.deleteIfExists(folder().resolve("backup_label.old"));
    }

    /** What it is told with ALTER SYSTEM, and nothing that another told it. */
    void settings(String... lines) throws IOException {
        write("postgresql.auto.conf", String.join("\n", lines) + "\n");
    }

    /** A file that is this server's as its others are, whoever we are. */
    void write(String file, String text) throws IOException {
        var path = folder().resolve(file);
        if (!Files.exists(path)) {
            SystemCommand.run(List.of("cp", "-a", "PG_VERSION", file), folder(), COPY_MAX);
        }
        Files.writeString(path, text);
    }

    void start() throws IOException {
        var binaries = PostgresBinaries.unpacked(TestServer.archive(17), home);
        var command = new ArrayList<>(SystemCommand.inOwnSession());
        command.addAll(SystemCommand.asNobodySpecial(home));
        command.addAll(List.of(binaries.program("postgres"), "-D", folder().toString(), "-c", "port=" + port));
        command.addAll(List.of("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", KEEP_WAL));
        process = SystemCommand.builder(command, home)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve(name + ".log").toFile()))
                .start();
    }

    boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** To all its processes at once. */
    void signal(String signal) {
        signalPostmaster(signal);
        signalOthers(signal);
    }

    /** To all but the one that takes connections. */
    void signalOthers(String signal) {
        process.descendants().forEach(one -> SystemCommand.signal(one.pid(), signal, home));
    }

    private void signalPostmaster(String signal) {
        SystemCommand.signal(process.pid(), signal, home);
    }

    /** As when its machine is gone: nobody is told, and nobody starts it again. */
    void kill() {
        if (isRunning()) {
            signalPostmaster("STOP");
            Stream.concat(Stream.of(process.toHandle()), process.descendants())
                    .toList()
                    .forEach(ProcessHandle::destroyForcibly);
            process.onExit().join();
        }
    }
}
