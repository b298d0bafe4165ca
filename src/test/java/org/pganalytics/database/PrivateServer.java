package org.pganalytics.database;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.schema.Migrator;

/** A real PostgreSQL that one test has for itself, to bend and to break: settings, who may connect, signals. */
public final class PrivateServer implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final Path folder;
    private final EmbeddedPostgres postgres;
    private Process standby;

    private PrivateServer(Path folder, int major, int port, int connectionsMax) {
        this.folder = folder;
        var config = new EmbeddedPostgresConfig(
                folder,
                port,
                Duration.ofMinutes(2),
                Duration.ofSeconds(20),
                Duration.ofSeconds(2),
                16L << 20,
                32,
                connectionsMax);
        this.postgres = new EmbeddedPostgres(vertx, config, TestServer.archive(major), new SimpleMeterRegistry());
    }

    /** @param port 0 for any; @param connectionsMax 10 to 1,000 */
    public static PrivateServer start(int major, int port, int connectionsMax) throws IOException {
        var below = Files.createDirectories(Path.of("target/it")).toAbsolutePath();
        var server =
                new PrivateServer(Files.createTempDirectory(below, "postgres-" + major), major, port, connectionsMax);
        TestServer.await(server.postgres.start());
        return server;
    }

    public int port() {
        return postgres.port();
    }

    public Path data() {
        return folder.resolve("data");
    }

    public DatabaseAddress superuser() {
        return DatabaseAddress.parse(postgres.databaseUrl()).withPassfile(postgres.passfile());
    }

    /** Another database of this server. */
    public InDatabase in(String database) {
        return new InDatabase(superuser().withDatabase(database));
    }

    /** A database as the superuser sees it. */
    public record InDatabase(DatabaseAddress address) {
        public void execute(String... statements) {
            PrivateServer.execute(address, statements);
        }
    }

    /** Starts again, with the settings that need it; whoever watches over it sees a postmaster that died. */
    public void restart() throws IOException, InterruptedException {
        long before = pid();
        var old = ProcessHandle.of(before).orElseThrow();
        signal(before, "INT");
        old.onExit().join();
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!isUp() && System.nanoTime() - end < 0) {
            Thread.sleep(100);
        }
    }

    private boolean isUp() {
        try (var connection = superuser().connect(Duration.ofSeconds(1))) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    /** Each statement by itself, as the superuser. */
    public void execute(String... statements) {
        execute(superuser(), statements);
    }

    private static void execute(DatabaseAddress address, String... statements) {
        try (var connection = address.connect(CONNECT);
                var statement = connection.createStatement()) {
            for (var sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(String.join("; ", statements), e);
        }
    }

    public long number(String sql) {
        try (var connection = superuser().connect(CONNECT);
                var statement = connection.createStatement();
                var result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Puts lines before those that say who may connect how, and has them read. */
    public void allow(List<String> lines) throws IOException {
        var file = data().resolve("pg_hba.conf");
        Files.writeString(file, String.join("\n", lines) + "\n" + Files.readString(file));
        execute("SELECT pg_reload_conf()");
    }

    /** A copy of a file in the data folder, as the server wants a key: for its owner only. */
    public Path copied(Path file) throws IOException {
        var copy = Files.copy(file, data().resolve(file.getFileName()));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
        return copy;
    }

    /** Brings this version's tables, for a server of ours to use it. */
    public PrivateServer migrated() {
        TestServer.await(new Migrator(vertx, postgres.serverAddress().dataSource(CONNECT)).migrate());
        return this;
    }

    /**
     * Ends it and starts the same data folder as a standby that waits for a primary, on the same port; nobody watches over
     * it then.
     */
    public void restartAsStandby(int major) throws IOException {
        TestServer.await(postgres.stop());
        Files.createFile(data().resolve("standby.signal"));
        var command = new ArrayList<>(SystemCommand.asNobodySpecial(folder));
        var binaries = PostgresBinaries.unpacked(TestServer.archive(major), folder);
        command.addAll(List.of(binaries.program("postgres"), "-D", data().toString(), "-c", "port=" + port()));
        command.addAll(List.of("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
        standby = SystemCommand.builder(command, folder)
                .redirectOutput(folder.resolve("standby.log").toFile())
                .start();
    }

    /** The postmaster and all its processes. */
    public void signal(String name) throws IOException, InterruptedException {
        var postmaster = ProcessHandle.of(pid()).orElseThrow();
        var pids = postmaster.descendants().map(ProcessHandle::pid).toList();
        signal(pid(), name);
        for (long pid : pids) {
            signal(pid, name);
        }
    }

    public long pid() throws IOException {
        return Long.parseLong(
                Files.readAllLines(data().resolve("postmaster.pid")).get(0).strip());
    }

    private static void signal(long pid, String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }

    @Override
    public void close() {
        if (standby != null) {
            standby.descendants().forEach(ProcessHandle::destroy);
            standby.destroy();
            standby.onExit().join();
        } else {
            TestServer.await(postgres.stop());
        }
        TestServer.await(vertx.close());
    }
}
