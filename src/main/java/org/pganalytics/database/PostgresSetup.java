package org.pganalytics.database;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.pganalytics.fault.Fault;
import org.postgresql.PGConnection;

/** Gives a running embedded PostgreSQL its role, its database and its extension; blocking, may be repeated. */
final class PostgresSetup {
    static final String DATABASE = "pganalytics";

    private final DatabaseAddress superuser;

    PostgresSetup(DatabaseAddress superuser) {
        this.superuser = superuser;
    }

    void run(Path data, String serverPassword) throws SQLException {
        try (var connection = superuser.withDatabase("postgres").connect(Duration.ofSeconds(30))) {
            require(connection, "data_directory", data.toString());
            require(connection, "fsync", "on");
            require(connection, "full_page_writes", "on");
            require(connection, "synchronous_commit", "on");
            role(connection, serverPassword);
            database(connection);
        }
        try (var connection = superuser.withDatabase(DATABASE).connect(Duration.ofSeconds(30))) {
            execute(connection, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
        }
    }

    private static void require(Connection connection, String setting, String wanted) throws SQLException {
        String found = text(connection, "SHOW " + setting);
        if (!wanted.equals(found)) {
            throw Fault.STORE_DOWN.because("the embedded PostgreSQL has %s = %s, it must be %s (ALTER SYSTEM RESET?)"
                    .formatted(setting, found, wanted));
        }
    }

    private static void role(Connection connection, String password) throws SQLException {
        String role = PostgresFolder.SERVER_ROLE;
        if (text(connection, "SELECT 1 FROM pg_roles WHERE rolname = '" + role + "'") == null) {
            execute(connection, "CREATE ROLE " + role + " LOGIN");
        }
        // Hashed on this side, so that no log and no pg_stat_statements ever sees it.
        connection.unwrap(PGConnection.class).alterUserPassword(role, password.toCharArray(), "scram-sha-256");
        execute(connection, "GRANT pg_monitor TO " + role);
    }

    private static void database(Connection connection) throws SQLException {
        if (text(connection, "SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'") == null) {
            execute(connection, "CREATE DATABASE " + DATABASE + " OWNER " + PostgresFolder.SERVER_ROLE);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
