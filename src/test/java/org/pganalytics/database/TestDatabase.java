package org.pganalytics.database;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.pganalytics.schema.Migrator;

/**
 * A fresh, empty database of its own on a real PostgreSQL that this JVM starts once; blocking, for tests only.
 *
 * <p>{@code try (var database = TestDatabase.create().migrated()) …}, or create it in {@code @BeforeAll} and close it in
 * {@code @AfterAll}. With {@code PGANALYTICS_TEST_DATABASE_URL} set (a superuser's URI) that server is used in place of
 * the default one.
 */
public final class TestDatabase implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Duration CONNECT = Duration.ofSeconds(20);

    private final DatabaseAddress superuser;
    private final DatabaseAddress server;

    TestDatabase(DatabaseAddress superuser, DatabaseAddress server) {
        this.superuser = superuser;
        this.server = server;
    }

    /** On PostgreSQL 17, or on the server of the environment. */
    public static TestDatabase create() {
        return createOn(TestServer.standard());
    }

    /** On PostgreSQL 15, 17 or 18. */
    public static TestDatabase create(int major) {
        return createOn(TestServer.of(major));
    }

    /** On the server of this superuser's URI; the server's role is a lesser one, made for this JVM. */
    public static TestDatabase createAt(String url) {
        return createOn(TestServer.at(url));
    }

    static TestDatabase createOn(TestServer on) {
        String name = "test_%d_%d".formatted(ProcessHandle.current().pid(), NUMBER.incrementAndGet());
        execute(
                on.superuser(),
                "CREATE DATABASE " + name + " OWNER " + on.server().user());
        return new TestDatabase(on.superuser().withDatabase(name), on.server().withDatabase(name));
    }

    /** Brings it to this version of the server, all migrations applied. */
    public TestDatabase migrated() {
        var vertx = Vertx.vertx();
        try {
            TestServer.await(new Migrator(vertx, server.dataSource(CONNECT)).migrate());
            return this;
        } finally {
            TestServer.await(vertx.close());
        }
    }

    /** As the server's lesser role, which owns the database. */
    public DatabaseAddress address() {
        return server;
    }

    /** As a server finds it for connections of its own. */
    public Supplier<Future<PgConnectOptions>> connecting() {
        return () -> Future.succeededFuture(address().connectOptions());
    }

    public DatabaseAddress superuserAddress() {
        return superuser;
    }

    public String name() {
        return server.database();
    }

    /** A plain pool of the server's role; to be closed by the caller. */
    public Pool pool(Vertx vertx, int connectionsMax) {
        return PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(connectionsMax))
                .connectingTo(server.connectOptions())
                .using(vertx)
                .build();
    }

    /** Runs statements as the server's role. */
    public void execute(String sql) {
        execute(server, sql);
    }

    public void executeAsSuperuser(String sql) {
        execute(superuser, sql);
    }

    /** Empties tables, and what hangs on them, past the triggers that keep the audit from it. */
    public void empty(String tables) {
        executeAsSuperuser("SET session_replication_role = replica; TRUNCATE " + tables + " CASCADE");
    }

    /** Runs a query as the superuser. */
    public List<List<Object>> rows(String sql) {
        try (var connection = superuser.connect(CONNECT);
                var statement = connection.createStatement();
                var result = statement.executeQuery(sql)) {
            var rows = new ArrayList<List<Object>>();
            while (result.next()) {
                var row = new ArrayList<Object>();
                for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
                    row.add(result.getObject(column));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The first column of the first row, as a number. */
    public long number(String sql) {
        return ((Number) rows(sql).get(0).get(0)).longValue();
    }

    /** A connection of the server's role, to be closed by the caller. */
    public Connection connect() throws SQLException {
        return server.connect(CONNECT);
    }

    static void execute(DatabaseAddress address, String sql) {
        try (var connection = address.connect(CONNECT);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void close() {
        execute(superuser.withDatabase("postgres"), "DROP DATABASE IF EXISTS " + name() + " WITH (FORCE)");
    }
}
