package org.pganalytics.collector;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.pganalytics.database.TestDatabase;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.copy.CopyIn;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** Things that happen on a watched server while its families are read, so that each of them has something to show. */
record WatchedScene(
        WatchedServer server, Connection writer, CopyIn copy, Connection standby, PGReplicationStream stream)
        implements AutoCloseable {
    private static final String SLOT = "standby_of_";

    static WatchedScene open(WatchedServer server) throws SQLException {
        var database = server.database();
        prepare(database);
        var writer =
                database.superuserAddress().dataSource(Duration.ofSeconds(5)).getConnection();
        writer.setAutoCommit(false);
        var copy = writer.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY large FROM STDIN");
        var line = "0\ttext\n".getBytes(StandardCharsets.UTF_8);
        copy.writeToCopy(line, 0, line.length);
        copy.flushCopy();
        var standby = standby(server);
        var stream = standby.unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .physical()
                .withSlotName(SLOT + database.name())
                .withStartPosition(
                        LogSequenceNumber.valueOf((String) database.rows("SELECT pg_current_wal_flush_lsn()::text")
                                .get(0)
                                .get(0)))
                .start();
        return new WatchedScene(server, writer, copy, standby, stream);
    }

    private static void prepare(TestDatabase database) {
        database.executeAsSuperuser("""
                DO $$ BEGIN
                    CREATE ROLE streamer LOGIN REPLICATION PASSWORD 'streams';
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                END $$;
                GRANT SELECT ON pg_hba_file_rules TO watcher;
                GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO watcher;
                GRANT pg_read_all_data TO watcher;
                SELECT pg_create_physical_replication_slot('%1$s', true);
                CREATE TABLE large AS SELECT n::int AS id, repeat('x', 40) AS payload FROM generate_series(1, 60000) n;
                ALTER TABLE large ADD PRIMARY KEY (id);
                ANALYZE large;
                CREATE TABLE numbered (id serial);
                INSERT INTO numbered DEFAULT VALUES;
                CREATE FUNCTION one(text) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
                CREATE SUBSCRIPTION %1$s CONNECTION 'dbname=none' PUBLICATION none
                    WITH (connect = false, enabled = false, slot_name = none);
                """.formatted(SLOT + database.name()));
        database.executeAsSuperuser("SET track_functions = 'all'; SELECT one('a')");
    }

    private static Connection standby(WatchedServer server) throws SQLException {
        var address = server.database().superuserAddress();
        var properties = new Properties();
        PGProperty.USER.set(properties, "streamer");
        PGProperty.PASSWORD.set(properties, "streams");
        PGProperty.REPLICATION.set(properties, "true");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        return DriverManager.getConnection(
                "jdbc:postgresql://%s:%d/".formatted(address.host(), address.port()), properties);
    }

    @Override
    public void close() throws SQLException {
        copy.cancelCopy();
        writer.close();
        stream.close();
        standby.close();
        var database = server.database();
        database.executeAsSuperuser(
                "ALTER SUBSCRIPTION %1$s DISABLE; DROP SUBSCRIPTION %1$s".formatted(SLOT + database.name()));
        Waiting.until(() -> database.number("SELECT count(*) FROM pg_replication_slots WHERE active") == 0);
        database.executeAsSuperuser("SELECT pg_drop_replication_slot('%s');".formatted(SLOT + database.name())
                + "REVOKE SELECT ON pg_hba_file_rules FROM watcher; REVOKE pg_read_all_data FROM watcher;"
                + "REVOKE EXECUTE ON FUNCTION pg_hba_file_rules() FROM watcher");
    }
}
