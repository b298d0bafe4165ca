package org.pganalytics.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.pganalytics.house.TestFolders;

/** Debian's Redis as a process of its own, on a free port of loopback, with nothing on disk; ended by its process id. */
public final class RealRedis implements AutoCloseable {
    private static final Path SERVER = Path.of("/usr/bin/redis-server");
    private static final Path CLI = Path.of("/usr/bin/redis-cli");

    private final int port;
    private final Path folder;
    private final List<String> command;
    private Process process;

    private RealRedis(int port, Path folder, List<String> command) {
        this.port = port;
        this.folder = folder;
        this.command = command;
    }

    /** One that anybody on this machine may use; skips the test where Redis is missing. @param more of its options */
    public static RealRedis start(String... more) throws IOException, InterruptedException {
        int port = freePort();
        var options = new ArrayList<>(List.of("--port", Integer.toString(port), "--save", "", "--appendonly", "no"));
        options.addAll(List.of(more));
        return start(port, options);
    }

    /** A sentinel that watches this one under the name {@code mymaster}, and alone decides. */
    public static RealRedis sentinelOf(RealRedis master) throws IOException, InterruptedException {
        int port = freePort();
        var config = Files.writeString(
                TestFolders.make("redis").resolve("sentinel.conf"), """
                port %d
                bind 127.0.0.1
                sentinel monitor mymaster 127.0.0.1 %d 1
                sentinel down-after-milliseconds mymaster 500
                sentinel failover-timeout mymaster 2000
                """.formatted(port, master.port()));
        return start(port, config.getParent(), List.of(SERVER.toString(), config.toString(), "--sentinel"));
    }

    /** With these options alone, of which one must name this port; TLS is then spoken on it, or not. */
    public static RealRedis start(int port, List<String> options) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(SERVER.toString(), "--bind", "127.0.0.1"));
        command.addAll(options);
        return start(port, TestFolders.make("redis"), command);
    }

    private static RealRedis start(int port, Path folder, List<String> command)
            throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(SERVER), "there is no " + SERVER + "; on Debian: apt-get install redis-server");
        var redis = new RealRedis(port, folder, command);
        try {
            redis.startAgain();
            return redis;
        } catch (RuntimeException failed) {
            redis.close();
            throw failed;
        }
    }

    /** Where it was, with nothing that it knew. */
    public void startAgain() throws IOException {
        var log = folder.resolve("redis.log").toFile();
        process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        Awaitility.await("Redis listens; its output is in " + log)
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .failFast("Redis has ended; see " + log, () -> !process.isAlive())
                .until(this::isOpen);
    }

    private boolean isOpen() {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    public static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public int port() {
        return port;
    }

    /** As {@code redis.urls} takes it. */
    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** What redis-cli answers, without the line's end. */
    public String ask(String... words) throws IOException, InterruptedException {
        var asked = new ArrayList<>(List.of(CLI.toString(), "-h", "127.0.0.1", "-p", Integer.toString(port)));
        asked.addAll(List.of(words));
        var asking = new ProcessBuilder(asked).redirectErrorStream(true).start();
        asking.getOutputStream().close();
        var answer = new String(asking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        asking.waitFor();
        return answer.strip();
    }

    /** Open connections that lead to it, as its clients see them; Linux tells. */
    public long connections() throws IOException {
        var to = ":%04X".formatted(port);
        try (var lines = Files.lines(Path.of("/proc/net/tcp"))) {
            return lines.map(line -> line.strip().split("\\s+"))
                    .filter(words -> words[2].endsWith(to) && words[3].equals("01"))
                    .count();
        }
    }

    /** Stops it from doing anything, its connections stay; {@link #resume} lets it go on. */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** Ends it with kill -9. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, "--", Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
