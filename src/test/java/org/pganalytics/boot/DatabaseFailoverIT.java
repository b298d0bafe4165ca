package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.boot.VerifiedLoad.Outcome;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.database.StandbyPair;
import org.pganalytics.database.TestDatabase;

/** The database's primary is killed, or stands still, and its synchronous standby is promoted, while a fleet sends. */
class DatabaseFailoverIT {
    private static final String SECRET = "a secret for a failover";
    private static final String ROWS = "pganalytics_ingest_rows_total";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Beside the pools: those that lead in maintenance and in roll-ups, and the one that listens. */
    private static final int OWN_CONNECTIONS = 3;

    private static final String OF_POOLS = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name IN ('pganalytics ingest', 'pganalytics control')
            """;
    private static final String OWN = """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND (application_name LIKE 'pganalytics leader %' OR application_name = 'pganalytics notifications')
            """;
    private static final String END_A_POOL = """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'pganalytics control'
            """;

    /** @param stillAsleep what is under way on the old primary never ends by itself: it has to be left */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasAcknowledgedIsOnTheNewPrimaryOnceAndTheServerGoesThere(boolean stillAsleep) throws Exception {
        var home = Files.createTempDirectory(Files.createDirectories(Path.of("target/it")), "failover");
        try (var pair = new StandbyPair(home)) {
            var database = pair.create();
            try (var server = serving(pair, database, Map.of("PGANALYTICS_STORAGE_TRANSACTION_TIMEOUT", "5m"));
                    var load = load(server, pair.onStandby(database).address())) {
                Awaitility.await("rows flow").atMost(PATIENCE).until(() -> server.metric(ROWS) > 1_000);
                if (stillAsleep) {
                    pair.signalPrimary("STOP");
                } else {
                    pair.killPrimary();
                }
                Awaitility.await("it is not ready").atMost(PATIENCE).until(() -> server.status("/health/ready") == 503);
                pair.promote();
                var before = server.metric(ROWS);
                Awaitility.await("rows flow again").atMost(PATIENCE).until(() -> server.metric(ROWS) > before + 1_000);
                Awaitility.await("it is ready").atMost(PATIENCE).until(() -> server.status("/health/ready") == 200);
                Awaitility.await("it leads again")
                        .atMost(PATIENCE)
                        .until(() -> pair.onStandby(database)
                                        .number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
                                >= 2);

                assertEquals(Outcome.ALL_THERE_ONCE, load.outcome(Duration.ofSeconds(180)), load::said);
                assertTrue(load.rowsAcked() > 5_000, load::said);
            }
        }
    }

    /**
     * By itself a connection that only listens, or holds a lock, sees nothing of it for {@code cluster.probe-every}; and the
     * old primary answers when it is asked.
     */
    @Test
    void nothingStaysWithAnOldPrimaryThatGoesOn() throws Exception {
        var home = Files.createTempDirectory(Files.createDirectories(Path.of("target/it")), "left");
        try (var pair = new StandbyPair(home)) {
            var database = pair.create();
            try (var server = serving(pair, database, Map.of("PGANALYTICS_CLUSTER_PROBE_EVERY", "1m"))) {
                var old = pair.onPrimary(database);
                Awaitility.await("it leads and listens")
                        .atMost(PATIENCE)
                        .until(() -> old.number(OWN) >= OWN_CONNECTIONS);
                pair.promote();
                Awaitility.await("a pool comes to the new one, which is how it is found")
                        .atMost(PATIENCE)
                        .until(() -> old.number(END_A_POOL) >= 0
                                && pair.onStandby(database).number(OF_POOLS) > 0);
                Awaitility.await("what leads and listens has left the old one")
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> old.number(OWN) == 0);
                assertEquals(200, server.status("/health/ready"));
            }
        }
    }

    private static Program serving(StandbyPair pair, TestDatabase database, Map<String, String> more) throws Exception {
        var both = pair.both(database);
        var environment = new HashMap<>(more);
        environment.put("PGANALYTICS_REGISTRATION_SECRET", SECRET);
        environment.put("PGANALYTICS_DATABASE_URL", both.url());
        environment.put("PGANALYTICS_DATABASE_PASSWORD", both.password());
        return Program.start(Program.folder("failover-server"), environment, "serve")
                .untilReady();
    }

    private static VerifiedLoad load(Program server, DatabaseAddress verified) throws Exception {
        var passfile = Files.createTempFile(Path.of("target/it"), "failover", ".pass");
        Files.writeString(passfile, "*:*:*:*:" + verified.password());
        return VerifiedLoad.overTcp(
                Program.folder("failover-load"),
                Map.of(
                        "PGANALYTICS_DATABASE_PASSFILE",
                        passfile.toAbsolutePath().toString()),
                server,
                SECRET,
                "--database-url=" + verified.url());
    }
}
