package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.database.TestServer.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.FaultException;

/** The database we bring along is there when wanted, once, and gone when not. */
class EmbeddedPostgresIT {
    private static final Path GROUND = Path.of("target/embedded-postgres-it").toAbsolutePath();

    private final Vertx vertx = Vertx.vertx();
    private final List<EmbeddedPostgres> started = new ArrayList<>();
    private Path home;

    @BeforeEach
    void freshFolder() throws IOException {
        Files.createDirectories(GROUND);
        home = Files.createTempDirectory(GROUND, "home");
        for (int major : new int[] {15, 17}) {
            var binaries = PostgresBinaries.unpacked(TestServer.archive(major), GROUND);
            Files.createSymbolicLink(home.resolve(binaries.folder().getFileName()), binaries.folder());
        }
    }

    @AfterEach
    void stopAll() throws IOException {
        started.forEach(postgres -> await(postgres.stop()));
        await(vertx.close());
        Awaitility.await().until(() -> postmaster().isEmpty());
        PostgresBinaries.deleteTree(home);
    }

    private EmbeddedPostgres start(PostgresArchive archive) {
        var config = new EmbeddedPostgresConfig(
                home, 0, Duration.ofSeconds(40), Duration.ofSeconds(10), Duration.ofSeconds(1), 64 << 10, 16, 20);
        var postgres = new EmbeddedPostgres(vertx, config, archive, new SimpleMeterRegistry());
        await(postgres.start());
        started.add(postgres);
        return postgres;
    }

    private EmbeddedPostgres start() {
        return start(PostgresArchive.ofClassPath());
    }

    private void stop(EmbeddedPostgres postgres) {
        started.remove(postgres);
        await(postgres.stop());
    }

    private List<ProcessHandle> postmaster() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .map(List::of)
                        .orElse(List.of())
                        .contains(home.resolve("data").toString()))
                .toList();
    }

    private static String ask(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = postgres.serverAddress().connect(Duration.ofSeconds(5));
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private static void run(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = postgres.serverAddress().connect(Duration.ofSeconds(5));
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void itKeepsItsDataItsPortAndItsSecretsAcrossStarts() throws Exception {
        var first = start();
        run(first, "CREATE TABLE kept AS SELECT 42 AS it");
        int port = first.port();
        stop(first);
        assertTrue(postmaster().isEmpty(), "a stopped one leaves no process behind");

        var second = start();

        assertEquals("42", ask(second, "SELECT it FROM kept"));
        assertEquals(port, second.port());
        assertEquals("pganalytics", ask(second, "SELECT current_user"));
        assertEquals(
                "off",
                ask(second, "SELECT usesuper::text FROM pg_user WHERE usename = current_user")
                        .replace("false", "off"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(second.passfile())));
        assertFalse(second.databaseUrl()
                .contains(Files.readString(second.passfile()).strip().split(":")[4]));
        assertEquals("postgresql://postgres@127.0.0.1:%d/pganalytics".formatted(port), second.databaseUrl());
    }

    @Test
    void aWrongPasswordIsRefused() {
        var address = start().serverAddress();
        assertThrows(
                SQLException.class,
                () -> address.as("", "wrong").connect(Duration.ofSeconds(5)).close());
    }

    @Test
    void onePostmasterKilledComesBackOnItsPortWithWhatWasCommitted() throws Exception {
        var postgres = start();
        run(postgres, "CREATE TABLE kept AS SELECT 42 AS it");
        int port = postgres.port();

        long killed = postmaster().get(0).pid();
        postmaster().get(0).destroyForcibly();

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> ask(postgres, "SELECT it FROM kept").equals("42"));
        assertEquals(port, postgres.port());
        assertNotEquals(killed, postmaster().get(0).pid());
    }

    @Test
    void theOneAKilledServerLeftBehindIsAdopted() throws Exception {
        var server = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        AbandonedServer.class.getName(),
                        home.toString())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("server.log").toFile())
                .start();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(home.resolve("started")));
        server.destroyForcibly().waitFor();
        long abandoned = postmaster().get(0).pid();

        var postgres = start();

        assertEquals(abandoned, postmaster().get(0).pid());
        assertEquals(1, postmaster().size());
        assertEquals("1", ask(postgres, "SELECT 1"));
        stop(postgres);
        assertTrue(postmaster().isEmpty(), "the adopted one is stopped like our own");
    }

    @Test
    void aSecondServerOnTheFolderIsRefused() throws Exception {
        var first = start();
        var refused = assertThrows(FaultException.class, this::start);
        assertTrue(refused.getMessage().contains("in use by another server"), refused.getMessage());
        assertEquals("1", ask(first, "SELECT 1"));
    }

    @Test
    void aFolderOfAnotherMajorVersionIsRefusedAndLeftAlone() throws Exception {
        stop(start(TestServer.archive(15)));
        var refused = assertThrows(FaultException.class, this::start);
        assertTrue(refused.getMessage().contains("is of PostgreSQL 15, this server brings 17"), refused.getMessage());
        assertEquals("1", ask(start(TestServer.archive(15)), "SELECT 1"));
    }

    @Test
    void aPidFileThatMakesNoSenseOrNamesAnotherProcessIsNoObstacle() throws Exception {
        var pidFile = home.resolve("data").resolve(PidFile.NAME);
        for (var content :
                List.of("", "nonsense\n", ProcessHandle.current().pid() + "\n" + home + "/data\n1\n5432\n")) {
            stop(start());
            Files.writeString(pidFile, content, StandardOpenOption.CREATE);
            assertEquals("1", ask(start(), "SELECT 1"));
            stop(started.get(0));
        }
    }

    @Test
    void aPostmasterWhosePidFileWasSpoiledIsReplacedNotDoubled() throws Exception {
        var config = EmbeddedPostgresConfig.in(home);
        stop(start());
        var folder = new PostgresFolder(config);
        var stray = Postmaster.start(folder, PostgresBinaries.unpacked(PostgresArchive.ofClassPath(), home));
        stray.awaitReady(Duration.ofSeconds(30));
        Files.writeString(home.resolve("data").resolve(PidFile.NAME), "spoiled");

        var postgres = start();

        assertEquals("1", ask(postgres, "SELECT 1"));
        assertEquals(1, postmaster().size());
        assertNotEquals(stray.pid(), postmaster().get(0).pid());
    }

    @Test
    void aTakenPortIsNotFoughtFor() throws Exception {
        var first = start();
        int port = first.port();
        stop(first);
        try (var taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertNotEquals(taken.getLocalPort(), start().port());
        }
    }

    @Test
    void anInitialisationCutShortIsDoneAgain() throws Exception {
        Files.createDirectories(home.resolve("data.new/base"));
        assertEquals("1", ask(start(), "SELECT 1"));
    }

    @Test
    void aLogAtItsLimitIsMovedAside() throws Exception {
        var folder = new PostgresFolder(new EmbeddedPostgresConfig(
                home, 0, Duration.ofSeconds(40), Duration.ofSeconds(10), Duration.ofSeconds(1), 64 << 10, 16, 20));
        Files.write(folder.log(), new byte[64 << 10]);
        folder.capLog();
        assertEquals(0, Files.size(folder.log()));
        assertEquals(64 << 10, Files.size(home.resolve("postgres.log.1")));
    }
}
