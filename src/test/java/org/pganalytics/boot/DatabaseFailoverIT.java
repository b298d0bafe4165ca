package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.boot.VerifiedLoad.Outcome;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.database.StandbyPair;

/** The database's primary is killed, or stands still, and its synchronous standby is promoted, while a fleet sends. */
class DatabaseFailoverIT {
    private static final String SECRET = "a secret for a failover";
    private static final String ROWS = "pganalytics_ingest_rows_total";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** @param stillAsleep what is under way on the old primary never ends by itself: it has to be left */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasAcknowledgedIsOnTheNewPrimaryOnceAndTheServerGoesThere(boolean stillAsleep) throws Exception {
        var home = Files.createTempDirectory(Files.createDirectories(Path.of("target/it")), "failover");
        try (var pair = new StandbyPair(home)) {
            var database = pair.create();
            var both = pair.both(database);
            var environment = Map.of(
                    "PGANALYTICS_REGISTRATION_SECRET",
                    SECRET,
                    "PGANALYTICS_DATABASE_URL",
                    both.url(),
                    "PGANALYTICS_DATABASE_PASSWORD",
                    both.password(),
                    "PGANALYTICS_STORAGE_TRANSACTION_TIMEOUT",
                    "5m");
            try (var server = Program.start(Program.folder("failover-server"), environment, "serve")
                            .untilReady();
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
