package org.pganalytics.database;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** A primary and its synchronous standby, both real, whose roles can change; blocking, for tests only. */
public final class StandbyPair implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String STREAMING =
            "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '%s'";

    private final PostgresNode first;
    private final PostgresNode second;
    private final DatabaseAddress superuserAnywhere;
    private final DatabaseAddress serverAnywhere;
    private PostgresNode primary;
    private PostgresNode standby;

    /** @param home below which both have their folders; made */
    public StandbyPair(Path home) throws IOException {
        var folder = home.toAbsolutePath();
        var made = made(folder);
        superuserAnywhere = made.superuser();
        serverAnywhere = made.server();
        first = new PostgresNode(folder, "data");
        second = new PostgresNode(folder, "standby");
        primary = first;
        standby = second;
        try {
            primary.settings();
            primary.start();
            awaitWrites(primary);
            remakeStandby();
        } catch (IOException | SQLException | RuntimeException failed) {
            close();
            throw new IllegalStateException("no pair of databases in " + folder, failed);
        }
    }

    /** The embedded one makes folder, roles and passwords. */
    private static TestServer made(Path folder) {
        var vertx = Vertx.vertx();
        try {
            var maker = new EmbeddedPostgres(
                    vertx, EmbeddedPostgresConfig.in(folder), TestServer.archive(17), new SimpleMeterRegistry());
            TestServer.await(maker.start());
            var superuser = DatabaseAddress.parse(maker.databaseUrl()).withPassfile(maker.passfile());
            var both = new TestServer(superuser, maker.serverAddress());
            TestServer.await(maker.stop());
            return both;
        } finally {
            TestServer.await(vertx.close());
        }
    }

    /** The standby is a new copy of the primary, follows it, and commits wait for it. */
    public void remakeStandby() throws IOException, SQLException {
        standby.kill();
        try (var connection = superuser(primary).connect(PATIENCE);
                var statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('standby', true)");
            standby.copy(primary);
            try (var label = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                label.next();
                standby.write("backup_label", label.getString(1));
            }
        }
        var options = superuserAnywhere.connectOptions();
        standby.settings("primary_conninfo = 'host=127.0.0.1 port=%d user=%s password=%s application_name=standby'"
                .formatted(primary.host().port(), options.getUser(), options.getPassword()));
        standby.write("standby.signal", "");
        standby.start();
        awaitStandby("async");
        TestDatabase.execute(superuser(primary), "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        TestDatabase.execute(superuser(primary), "SELECT pg_reload_conf()");
        awaitStandby("sync");
    }

    private void awaitStandby(String state) {
        var there = superuser(primary);
        Awaitility.await("the standby is " + state)
                .atMost(PATIENCE)
                .until(() -> new TestDatabase(there, there).number(STREAMING.formatted(state)) == 1);
    }

    private void awaitWrites(PostgresNode node) {
        var there = superuser(node);
        Awaitility.await("it takes writes")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> new TestDatabase(there, there).number("SELECT 1 - pg_is_in_recovery()::int") == 1);
    }

    private DatabaseAddress superuser(PostgresNode of) {
        return at(superuserAnywhere, List.of(of.host()));
    }

    /** A database of its own on the primary. */
    public TestDatabase create() {
        return TestDatabase.createOn(new TestServer(superuser(primary), at(serverAnywhere, List.of(primary.host()))));
    }

    /** The same database as the superuser sees it on the standby. */
    public TestDatabase onStandby(TestDatabase database) {
        return on(standby, database);
    }

    /** The same database as the superuser sees it on the primary. */
    public TestDatabase onPrimary(TestDatabase database) {
        return on(primary, database);
    }

    private static TestDatabase on(PostgresNode node, TestDatabase database) {
        var address = at(database.superuserAddress(), List.of(node.host()));
        return new TestDatabase(address, address);
    }

    /** The same database by both hosts, the one that began as standby first. */
    public DatabaseAddress both(TestDatabase database) {
        return at(database.address(), ports().stream().map(StandbyPair::host).toList());
    }

    /** The same database by way of these ports. */
    public static DatabaseAddress by(List<Integer> ports, DatabaseAddress database) {
        return at(database, ports.stream().map(StandbyPair::host).toList());
    }

    /** Of both hosts, the one that began as standby first. */
    public List<Integer> ports() {
        return List.of(second.host().port(), first.host().port());
    }

    private static DatabaseHost host(int port) {
        return new DatabaseHost("127.0.0.1", port);
    }

    private static DatabaseAddress at(DatabaseAddress there, List<DatabaseHost> hosts) {
        return new DatabaseAddress(
                hosts, there.database(), there.user(), there.password(), there.ssl(), there.sslRootCert());
    }

    /** All its processes at once, as when its machine is gone; nobody starts it again. */
    public void killPrimary() {
        primary.kill();
    }

    /** All its processes: a machine that stands still, or goes on. */
    public void signalPrimary(String signal) {
        primary.signal(signal);
    }

    /** Of both, what has ended by itself; returns when the primary takes writes. */
    public void startWhatEnded() throws IOException {
        for (var node : List.of(primary, standby)) {
            if (!node.isRunning()) {
                node.start();
            }
        }
        awaitWrites(primary);
        awaitStandby("sync");
    }

    public boolean isStandbyUp() {
        return standby.isRunning();
    }

    /** Lets one go on that stood still; one that was killed does not wake up. */
    public void wakeStandby() {
        if (standby.isRunning()) {
            standby.signal("CONT");
        }
    }

    /** Whether a transaction that writes returns from its commit within a time. */
    public boolean commitsOnStandby(Duration patience) {
        var there = superuser(standby);
        try (var connection = there.connect(patience);
                var statement = connection.createStatement()) {
            connection.setNetworkTimeout(Runnable::run, (int) patience.toMillis());
            statement.execute("CREATE TABLE written_by_an_old_primary ()");
            return true;
        } catch (SQLException isFenced) {
            return false;
        }
    }

    /** Returns when the standby takes writes. It stays the standby here, until roles are changed. */
    public void promote() {
        var there = superuser(standby);
        new TestDatabase(there, there).number("SELECT pg_promote()::int");
    }

    /** The one that was promoted is the primary from now on. */
    public void changeRoles() {
        var old = primary;
        primary = standby;
        standby = old;
    }

    /** Stops or continues what receives on the standby: a primary sees a connection that says nothing. */
    public void signalStandby(String signal) {
        standby.signalOthers(signal);
    }

    /** The same of all its processes, with the one that takes connections: nobody new hears from it either. */
    public void signalWholeStandby(String signal) {
        standby.signal(signal);
    }

    @Override
    public void close() {
        second.kill();
        first.kill();
    }
}
