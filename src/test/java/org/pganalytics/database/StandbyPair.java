package org.pganalytics.database;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A primary and its synchronous standby, both real; blocking, for tests only. */
public final class StandbyPair implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String STREAMING =
            "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '%s'";

    private final Vertx vertx = Vertx.vertx();
    private final Path home;
    private final EmbeddedPostgresConfig config;
    private EmbeddedPostgres primary;
    private Process standby;
    private int standbyPort;
    private boolean isPrimaryUp;

    /** @param home below which both have their folders; made */
    public StandbyPair(Path home) throws IOException {
        this.home = home.toAbsolutePath();
        this.config = EmbeddedPostgresConfig.in(this.home);
        try {
            start();
            stop();
            SystemCommand.run(List.of("cp", "-a", "data", "standby"), this.home, PATIENCE);
            start();
            startStandby();
        } catch (IOException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    private void start() {
        primary = new EmbeddedPostgres(vertx, config, TestServer.archive(17), new SimpleMeterRegistry());
        TestServer.await(primary.start());
        isPrimaryUp = true;
    }

    private void stop() {
        TestServer.await(primary.stop());
        isPrimaryUp = false;
    }

    private void startStandby() throws IOException {
        standbyPort = freePort();
        var options = superuser().connectOptions();
        var folder = home.resolve("standby");
        Files.writeString(
                folder.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=%d user=%s password=%s application_name=standby'\n"
                        .formatted(primary.port(), options.getUser(), options.getPassword()));
        SystemCommand.run(
                List.of("sh", "-c", "cp -a PG_VERSION standby.signal && : > standby.signal"), folder, PATIENCE);
        var binaries = PostgresBinaries.unpacked(TestServer.archive(17), home);
        var command = new ArrayList<>(SystemCommand.inOwnSession());
        command.addAll(SystemCommand.asNobodySpecial(home));
        command.addAll(List.of(binaries.program("postgres"), "-D", folder.toString(), "-c", "port=" + standbyPort));
        command.addAll(List.of("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
        standby = SystemCommand.builder(command, home)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("standby.log").toFile())
                .start();
        awaitStandby("async");
        TestDatabase.execute(superuser(), "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        TestDatabase.execute(superuser(), "SELECT pg_reload_conf()");
        awaitStandby("sync");
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitStandby(String state) {
        Awaitility.await("the standby is " + state)
                .atMost(PATIENCE)
                .until(() -> new TestDatabase(superuser(), superuser()).number(STREAMING.formatted(state)) == 1);
    }

    private DatabaseAddress superuser() {
        return DatabaseAddress.parse(primary.databaseUrl()).withPassfile(primary.passfile());
    }

    /** A database of its own on the primary. */
    public TestDatabase create() {
        return TestDatabase.createOn(new TestServer(superuser(), primary.serverAddress()));
    }

    /** The same database as the superuser sees it on the standby. */
    public TestDatabase onStandby(TestDatabase database) {
        var address = at(database.superuserAddress(), List.of(standbyHost()));
        return new TestDatabase(address, address);
    }

    /** The same database by both hosts, the standby first. */
    public DatabaseAddress both(TestDatabase database) {
        var there = database.address();
        return at(there, List.of(standbyHost(), there.hosts().get(0)));
    }

    private DatabaseHost standbyHost() {
        return new DatabaseHost("127.0.0.1", standbyPort);
    }

    private static DatabaseAddress at(DatabaseAddress there, List<DatabaseHost> hosts) {
        return new DatabaseAddress(
                hosts, there.database(), there.user(), there.password(), there.ssl(), there.sslRootCert());
    }

    /** All its processes at once, as when its machine is gone; nobody starts it again. */
    public void killPrimary() throws IOException {
        var pid = Files.readAllLines(home.resolve("data/postmaster.pid")).get(0).strip();
        var postmaster = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        SystemCommand.signal(postmaster.pid(), "STOP", home);
        var stopped = primary.stop(); // which it does not hear
        Stream.concat(Stream.of(postmaster), postmaster.descendants())
                .map(ProcessHandle::pid)
                .toList()
                .forEach(process -> SystemCommand.signal(process, "KILL", home));
        TestServer.await(stopped);
        isPrimaryUp = false;
    }

    /** Returns when the standby takes writes. */
    public void promote() {
        var there = at(superuser(), List.of(standbyHost()));
        new TestDatabase(there, there).number("SELECT pg_promote()::int");
    }

    /** Stops or continues what receives on the standby: a primary sees a connection that says nothing. */
    public void signalStandby(String signal) {
        standby.descendants().forEach(process -> SystemCommand.signal(process.pid(), signal, home));
    }

    /** The same of all its processes, with the one that takes connections: nobody new hears from it either. */
    public void signalWholeStandby(String signal) {
        SystemCommand.signal(standby.pid(), signal, home);
        signalStandby(signal);
    }

    @Override
    public void close() {
        if (standby != null) {
            signalWholeStandby("CONT");
            standby.descendants().forEach(ProcessHandle::destroyForcibly);
            standby.destroyForcibly();
        }
        if (isPrimaryUp) {
            TestDatabase.execute(superuser(), "ALTER SYSTEM RESET synchronous_standby_names");
            TestDatabase.execute(superuser(), "SELECT pg_reload_conf()");
            stop();
        }
        TestServer.await(vertx.close());
    }
}
