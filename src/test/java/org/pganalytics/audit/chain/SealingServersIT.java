package org.pganalytics.audit.chain;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.audit.chain.ChainHouse.done;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.database.TestDatabase;

/** Several servers write into one chain, whoever of them seals. */
class SealingServersIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration OFTEN = Duration.ofMillis(100);
    private static TestDatabase database;

    @TempDir
    private Path directory;

    private ChainHouse one;
    private ChainHouse other;

    @BeforeAll
    static void create() {
        database = TestDatabase.create().migrated();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    @BeforeEach
    void open() throws IOException {
        database.empty("audit_event, audit_unsealed, audit_seal, audit_checkpoint");
        one = ChainHouse.create(database, directory);
        one.stopSealing();
        one.close();
        one = new ChainHouse(database, one.keys, Files.createDirectory(directory.resolve("one")), OFTEN);
        other = new ChainHouse(database, one.keys, Files.createDirectory(directory.resolve("other")), OFTEN);
    }

    @AfterEach
    void close() {
        one.close();
        other.close();
    }

    private static long sealed() {
        return database.number("SELECT count(*) FROM audit_seal");
    }

    private void assertCleanWith(long events) throws IOException {
        await().atMost(LIMIT).until(() -> sealed() == events);
        var outside = new ArrayList<Path>();
        for (var file : List.of(one.checkpoints, other.checkpoints)) {
            if (Files.exists(file)) {
                outside.add(file);
            }
        }
        var verifier = new ChainVerifier(one.keys, OutsideCheckpoints.read(outside), Optional.empty());
        var verdict = done(ChainAudit.verify(other.vertx, other.pool, verifier));
        assertEquals(Optional.empty(), verdict.bad());
        assertEquals(events, verdict.to());
    }

    @Test
    void twoServersWriteAtOnceAndOneSeals() throws IOException {
        var writing = new ArrayList<Future<?>>();
        for (int n = 1; n <= 500; n++) {
            for (var house : List.of(one, other)) {
                writing.add(house.events.add(house.pool, List.of(house.happened("person:ann", "thing.change", n))));
            }
        }
        done(Future.all(writing));
        assertCleanWith(1_000);
    }

    /** The connection that holds the lead dies again and again, wherever the seal has got to. */
    @Test
    void aLeaderThatIsCutOffInMidSealLeavesTheChainWhole() throws IOException {
        int rounds = 12;
        for (int round = 0; round < rounds; round++) {
            one.write(300);
            other.write(300);
            database.executeAsSuperuser("SELECT pg_sleep(%f); SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            .formatted(round * 0.013)
                    + " WHERE application_name = 'pganalytics leader audit' AND datname = current_database()");
        }
        assertCleanWith(600L * rounds);
    }

    /** Killed between what it wrote and the commit: nothing of it is there, and the next one does it again. */
    @Test
    void aSealThatWasNotCommittedIsDoneAgain() throws IOException, SQLException {
        one.write(5);
        await().atMost(LIMIT).until(() -> sealed() == 5);
        try (var blocker = database.connect()) {
            blocker.setAutoCommit(false);
            try (var statement = blocker.createStatement()) {
                statement.execute("LOCK TABLE audit_checkpoint IN SHARE MODE");
            }
            one.write(5);
            await().atMost(LIMIT)
                    .until(() -> database.number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                    + " AND application_name = 'pganalytics leader audit'"
                                    + " AND datname = current_database()")
                            > 0);
            database.executeAsSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type ="
                    + " 'Lock' AND application_name = 'pganalytics leader audit' AND datname = current_database()");
            blocker.rollback();
        }
        assertCleanWith(10);
    }

    /** Five times as many as a leader takes at once, written while it seals. */
    @Test
    void manyEventsAreSealedInBatches() throws IOException {
        for (int round = 0; round < 25; round++) {
            one.write(1_000);
        }
        assertCleanWith(25_000);
        assertTrue(database.number("SELECT count(*) FROM audit_checkpoint") > 2);
    }
}
