package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.config.FamilyFiles;

/** What reading a family must not do to a server that has much of everything, and what it must not be stopped by. */
class FamilyHazardsIT {
    private static final int MAJOR = 17;

    private WatchedServer server;

    @BeforeEach
    void start() {
        server = WatchedServer.start(MAJOR);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Each sequence that was read stays locked until the transaction ends, in a table that all sessions share. */
    @Test
    void manySequencesAreReadInPartsSoThatTheLockTableHasRoom() throws SQLException {
        server.database().executeAsSuperuser("""
                GRANT pg_read_all_data TO watcher;
                DO $$ BEGIN FOR n IN 1..1500 LOOP EXECUTE format('CREATE SEQUENCE many_%s', n); END LOOP; END $$""");
        try (var watcher = watcher()) {
            watcher.setAutoCommit(false);
            assertEquals(100, read(watcher, "pg_sequences").size());
            var locks = query(
                    watcher,
                    "select count(*) as n from pg_locks where pid = pg_backend_pid() and mode = 'RowExclusiveLock'");
            long locked = (Long) locks.get(0).get("n");
            assertTrue(locked > 600 && locked <= 1_000, locked + " sequences are locked");
        } finally {
            server.database().executeAsSuperuser("REVOKE pg_read_all_data FROM watcher");
        }
    }

    /** REINDEX holds the index, not the table: measuring the table's indexes would wait for it. */
    @Test
    void aTableWhoseIndexIsHeldHasNoSizeAndHoldsUpNothing() throws SQLException {
        try (var watcher = watcher();
                var holder = superuser()) {
            assertNotNull(read(watcher, "pg_stat_user_tables").get(0).get("index_bytes"));
            holder.setAutoCommit(false);
            run(holder, "REINDEX INDEX seen_pkey");
            run(watcher, "SET lock_timeout = '500ms'");
            assertNull(read(watcher, "pg_stat_user_tables").get(0).get("index_bytes"));
            holder.rollback();
        }
    }

    @Test
    void ofManyTablesTheSmallOnesAreNotMeasured() throws SQLException {
        server.database().executeAsSuperuser("""
                DO $$ BEGIN FOR n IN 1..1010 LOOP EXECUTE format('CREATE TABLE many_%s (id int)', n); END LOOP; END $$;
                INSERT INTO many_1 VALUES (1);
                INSERT INTO many_1010 VALUES (1);
                ANALYZE seen""");
        try (var watcher = watcher()) {
            var sizes = new TreeMap<String, Object>();
            read(watcher, "pg_stat_user_tables")
                    .forEach(row -> sizes.put((String) row.get("relname"), row.get("table_bytes")));
            assertEquals(1_011, sizes.size());
            assertTrue((Long) sizes.get("seen") > 100_000, "the largest is measured");
            assertEquals(8_192L, sizes.get("many_1"), "and so is one of the first thousand");
            assertNull(sizes.get("many_1010"), "the last of them was never analyzed");
            server.database().executeAsSuperuser("ANALYZE many_1010");
            server.database().executeAsSuperuser("ANALYZE many_1009");
            read(watcher, "pg_stat_user_tables")
                    .forEach(row -> sizes.put((String) row.get("relname"), row.get("table_bytes")));
            assertEquals(0L, sizes.get("many_1009"));
            assertEquals(8_192L, sizes.get("many_1010"));
        }
    }

    @Test
    void ofALongQueueTheLongestWaitersAreTold() throws Exception {
        var waiters = new ArrayList<Connection>();
        var threads = new ArrayList<Thread>();
        try (var watcher = watcher();
                var holder = superuser()) {
            holder.setAutoCommit(false);
            run(holder, "LOCK TABLE seen IN ACCESS EXCLUSIVE MODE");
            for (int number = 0; number < 14; number++) {
                var waiter = superuser();
                waiters.add(waiter);
                threads.add(new Thread(() ->
                        Waiting.quietly(() -> waiter.createStatement().execute("BEGIN; LOCK TABLE seen; COMMIT"))));
                threads.get(number).start();
            }
            var waiting = "select count(*) as n from pg_locks where not granted and relation = 'seen'::regclass";
            Waiting.until(() -> server.database().number(waiting) == 14);
            // The first waits for the holder, the second for both, and so on, none for more than ten.
            var pairs = read(watcher, "pg_locks").stream()
                    .filter(row -> Boolean.FALSE.equals(row.get("granted")))
                    .count();
            assertEquals(1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 * 5, pairs);
            holder.rollback();
            for (var thread : threads) {
                thread.join();
            }
        } finally {
            for (var waiter : waiters) {
                waiter.close();
            }
        }
    }

    @Test
    void aTableIsAgedByItsOwnSettings() throws SQLException {
        server.database().executeAsSuperuser("""
                CREATE TABLE eager (id int)
                    WITH (autovacuum_freeze_max_age = 100000, autovacuum_multixact_freeze_max_age = 20000)""");
        server.database()
                .executeAsSuperuser(
                        "DO $$ BEGIN FOR n IN 1..10100 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$");
        try (var watcher = watcher()) {
            var eager = read(watcher, "table_age").stream()
                    .filter(row -> row.get("relname").equals("eager"))
                    .toList();
            assertEquals(1, eager.size());
            assertEquals(100_000L, eager.get(0).get("freeze_max_age"));
            assertEquals(20_000L, eager.get(0).get("multixact_freeze_max_age"));
        }
    }

    private Connection watcher() throws SQLException {
        var password = server.target("watched", 1).password();
        return server.database()
                .superuserAddress()
                .as("watcher", password)
                .dataSource(Duration.ofSeconds(20))
                .getConnection();
    }

    private Connection superuser() throws SQLException {
        return server.database()
                .superuserAddress()
                .dataSource(Duration.ofSeconds(20))
                .getConnection();
    }

    private static List<TreeMap<String, Object>> read(Connection connection, String name) throws SQLException {
        var family = FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
        return query(connection, family.statementFor(MAJOR).orElseThrow().sql());
    }

    private static List<TreeMap<String, Object>> query(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var found = statement.executeQuery(sql)) {
            var rows = new ArrayList<TreeMap<String, Object>>();
            while (found.next()) {
                var row = new TreeMap<String, Object>();
                for (int column = 1; column <= found.getMetaData().getColumnCount(); column++) {
                    row.put(found.getMetaData().getColumnName(column), found.getObject(column));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
