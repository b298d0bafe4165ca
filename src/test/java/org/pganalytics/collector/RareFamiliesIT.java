package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.database.PrivateServer;
import org.pganalytics.database.StandbyPair;

/** Families that have rows only where something rare is: a real agent sends those of a real server. */
class RareFamiliesIT {
    private static final String PASSWORD = "watching-is-all-it-may-do";
    private static final String MONITOR =
            "CREATE ROLE watcher LOGIN PASSWORD '%s' IN ROLE pg_monitor".formatted(PASSWORD);
    /** Each block that fails to the outside takes a transaction id of its own: a tenth of the limit below, and more. */
    private static final String BURN = """
            DO $$ BEGIN
                FOR n IN 1..11000 LOOP
                    BEGIN INSERT INTO aged VALUES (n); EXCEPTION WHEN division_by_zero THEN NULL; END;
                END LOOP;
            END $$""";

    @TempDir
    Path directory;

    private Vertx vertx;
    private FakeServer server;

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
        server = FakeServer.start(vertx);
    }

    @AfterEach
    void close() {
        server.close();
        Waiting.on(vertx.close());
    }

    @Test
    void aPreparedTransactionAndAnOldTableAreSeen() throws Exception {
        try (var watched = PrivateServer.start(17, 0, 20)) {
            watched.execute(MONITOR, "ALTER SYSTEM SET max_prepared_transactions = 2");
            watched.restart();
            watched.execute("CREATE TABLE aged (id int) WITH (autovacuum_freeze_max_age = 100000)");
            watched.execute("BEGIN", "INSERT INTO aged VALUES (0)", "PREPARE TRANSACTION 'forgotten'");
            watched.execute(BURN);
            watch(watched.port(), "pganalytics");
            Waiting.until(() -> has("pg_prepared_xacts", "gid", "forgotten"));
            Waiting.until(() -> has("table_age", "relname", "aged"));
            assertTrue(number("pg_prepared_xacts", "transaction_age") > 11_000);
            assertTrue(number("pg_prepared_xacts", "waiting_seconds") >= 0);
            assertEquals("postgres", newest("pg_prepared_xacts", "owner"));
            assertTrue(number("table_age", "frozen_xid_age") > 11_000);
            assertEquals(100_000, number("table_age", "freeze_max_age"));
            assertEquals("public", newest("table_age", "schemaname"));
            watched.execute("ROLLBACK PREPARED 'forgotten'");
        }
    }

    @Test
    void aStandbyTellsWhatItReceives() throws Exception {
        var below = Files.createDirectories(Path.of("target/it"));
        try (var pair = new StandbyPair(Files.createTempDirectory(below, "receiver"))) {
            var primary = pair.create();
            primary.executeAsSuperuser(MONITOR);
            var standby = pair.onStandby(primary).superuserAddress();
            watch(standby.port(), primary.name());
            Waiting.until(() -> has("pg_stat_wal_receiver", "status", "streaming"));
            assertEquals("127.0.0.1", newest("pg_stat_wal_receiver", "sender_host"));
            assertEquals(primary.address().port(), number("pg_stat_wal_receiver", "sender_port"));
            assertTrue(number("pg_stat_wal_receiver", "flushed_position") > 0);
            long replayed = (long) number("pg_stat_wal_receiver", "replayed_position");
            assertTrue(replayed > 0);
            primary.executeAsSuperuser("CREATE TABLE moves AS SELECT generate_series(1, 1000)");
            Waiting.until(() -> number("pg_stat_wal_receiver", "replayed_position") > replayed);
        }
    }

    private void watch(int port, String database) {
        var config = CollectorConfigFile.of(
                """
                name = test, state.dir = "%s", registration.secret = "a-registration-secret", cpu-budget = 0
                servers = [ { host = "127.0.0.1", tcp-port = %d, http-port = 0 } ], batch.flush-after = 100ms
                targets = [ { name = rare, host = "127.0.0.1", port = %d, user = watcher, password = "%s"
                              sslmode = disable, database = "%s", databases = [ "%s" ]
                              intervals { pg_prepared_xacts = 1s, table_age = 1s, pg_stat_wal_receiver = 1s } } ]
                """.formatted(directory.resolve("state"), server.port(), port, PASSWORD, database, database));
        var families = FamilyFiles.load(Path.of("conf/families"));
        Waiting.on(vertx.deployVerticle(new Agent(config, families, new SimpleMeterRegistry(), "test")));
    }

    private boolean has(String family, String column, String value) {
        return SentRows.texts(server, family, column, "rare").contains(value);
    }

    private String newest(String family, String column) {
        List<String> all = SentRows.texts(server, family, column, "rare");
        assertFalse(all.isEmpty(), family);
        return all.get(all.size() - 1);
    }

    private double number(String family, String column) {
        return Double.parseDouble(newest(family, column));
    }
}
