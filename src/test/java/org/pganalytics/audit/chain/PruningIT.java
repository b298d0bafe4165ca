package org.pganalytics.audit.chain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.audit.chain.ChainHouse.done;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.database.TestDatabase;

/** What is past its retention goes, what is left verifies, and nobody else can make it go. */
class PruningIT {
    private static TestDatabase database;

    @TempDir
    private Path directory;

    private ChainHouse house;

    @BeforeAll
    static void create() {
        database = TestDatabase.create().migrated();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    /** Seven events of long ago in two batches, three of today. */
    @BeforeEach
    void open() throws IOException {
        database.empty("audit_event, audit_unsealed, audit_seal, audit_checkpoint");
        house = ChainHouse.create(database, directory);
        house.clock.behind = Duration.ofDays(100);
        house.sealed(3).sealed(4);
        house.clock.behind = Duration.ofDays(95);
        house.sealed(3);
        house.clock.behind = Duration.ZERO;
        house.sealed(3);
    }

    @AfterEach
    void close() {
        house.close();
    }

    private void assertBad(String expected) {
        var verdict = house.verify();
        assertTrue(verdict.bad().orElse("clean").contains(expected), verdict::toString);
    }

    @Test
    void whatIsLeftVerifiesInsideAndOutside() throws IOException {
        done(house.sealer.prune());
        assertEquals(3, database.number("SELECT count(*) FROM audit_event"));
        var verdict = house.verifyOutside();
        assertEquals(Optional.empty(), verdict.bad());
        assertEquals(11, verdict.from());
        assertEquals(13, verdict.to());
        assertEquals(14, house.sealed(1).verifyOutside().to());
        assertEquals(house.verifyOutside(), house.verifyExport(directory.resolve("pruned"), house.keys));
    }

    @Test
    void aLaterPruningTakesThePlaceOfTheFirst() throws IOException {
        house.clock.behind = Duration.ofDays(7);
        done(house.sealer.prune());
        assertEquals(8, house.verifyOutside().from());
        house.clock.behind = Duration.ZERO;
        done(house.sealer.prune());
        assertEquals(1, database.number("SELECT count(*) FROM audit_checkpoint WHERE kind = 'prune'"));
        assertEquals(Optional.empty(), house.verifyOutside().bad());
        assertEquals(11, house.verify().from());
    }

    @Test
    void nothingYoungIsPruned() {
        done(house.sealer.prune());
        done(house.sealer.prune());
        assertEquals(3, database.number("SELECT count(*) FROM audit_seal"));
        assertThrows(IllegalStateException.class, () -> database.execute("SELECT audit_prune(13)"));
    }

    @Test
    void whoeverPrunesWithoutTheKeyIsNamed() {
        house.bend("DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_seal WHERE position <= 7);"
                + " DELETE FROM audit_seal WHERE position <= 7; DELETE FROM audit_checkpoint WHERE position = 3");
        assertBad("position 1 is missing");
        house.bend("DELETE FROM audit_checkpoint WHERE position = 7");
        assertBad("positions 1 to 7 are missing, and no signed pruning says so");
        house.bend("INSERT INTO audit_checkpoint SELECT 7, 'prune', chain, hash, 7, 0, time, key_id, signature"
                + " FROM audit_checkpoint WHERE position = 10");
        assertBad("the prune checkpoint at position 7 is not signed");
    }

    /** The time of a checkpoint counts only as it was signed. */
    @Test
    void aCheckpointThatWasMadeOldPrunesNothing() {
        house.bend("UPDATE audit_checkpoint SET time = time - interval '100 days' WHERE position = 13");
        done(house.sealer.prune());
        assertEquals(13, database.number("SELECT count(*) FROM audit_event"));
    }
}
