package org.pganalytics.audit.chain;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.audit.chain.ChainHouse.assertBad;
import static org.pganalytics.audit.chain.ChainHouse.done;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.database.TestDatabase;

/** What is kept of the audit, taken along, accepted and erased; and that none of it is a way around the proof. */
class ChainRulesIT {
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

    @BeforeEach
    void open() throws IOException {
        database.empty("audit_event, audit_unsealed, audit_seal, audit_checkpoint");
        house = ChainHouse.create(database, directory);
    }

    @AfterEach
    void close() {
        house.close();
    }

    /** Its id is older than what was sealed meanwhile. */
    @Test
    void anEventThatIsCommittedLateIsSealedLate() {
        house.sealed(1);
        var connection = done(house.pool.getConnection());
        var tx = done(connection.begin());
        done(house.events.add(connection, List.of(house.happened("person:late", "thing.change", 1))));
        long late = database.number("SELECT nextval(pg_get_serial_sequence('audit_event', 'id'))") - 1;
        house.sealed(2);
        assertEquals(3, house.verify().to());
        done(tx.commit());
        done(connection.close());
        house.seal();
        assertEquals(late, house.idAt(4));
        assertTrue(house.idAt(3) > late);
        assertEquals(Optional.empty(), house.verify().bad());
    }

    @Test
    void whatWasThereBeforeStaysReadableAndOutside() {
        database.execute(
                "INSERT INTO audit_event (actor, action, outcome) VALUES ('person:old', 'thing.change', 'ok')");
        var verdict = house.sealed(2).verify();
        assertEquals(Optional.empty(), verdict.bad());
        assertEquals(1, verdict.before());
        assertEquals(2, verdict.to());
        assertEquals(0, database.number("SELECT count(*) FROM audit_unsealed"));
    }

    /** While servers are upgraded one after the other. */
    @Test
    void whatServersWithoutKeysWroteIsAcceptedUntilAMoment() {
        house.sealed(1);
        database.execute(
                "INSERT INTO audit_event (actor, action, outcome) VALUES ('person:old', 'thing.change', 'ok')");
        house.sealed(1);
        var upgraded = Instant.now().plusMillis(1);
        assertEquals(Optional.empty(), house.verifyAccepting(upgraded).bad());
        assertEquals(1, house.verifyAccepting(upgraded).unproven());
        database.execute(
                "INSERT INTO audit_event (actor, action, outcome) VALUES ('person:eve', 'thing.change', 'ok')");
        await().pollDelay(Duration.ofMillis(5)).until(() -> true);
        house.seal();
        assertBad("position 4", house.verifyAccepting(upgraded));
    }

    @Test
    void nothingIsChangedOrDeletedByAccident() {
        house.sealed(2);
        for (var table : List.of("audit_event", "audit_seal", "audit_checkpoint")) {
            for (var sql : List.of("DELETE FROM %s", "TRUNCATE %s CASCADE")) {
                var refused = assertThrows(IllegalStateException.class, () -> database.execute(sql.formatted(table)));
                assertTrue(refused.getCause().getMessage().contains("the audit is only added to"));
            }
        }
        assertThrows(IllegalStateException.class, () -> database.execute("UPDATE audit_event SET actor = 'eve'"));
        assertThrows(IllegalStateException.class, () -> database.number("SELECT audit_trim(now(), 10)"));
        assertEquals(2, house.verify().to());
    }

    @Test
    void anExportIsJudgedAsTheDatabaseIs() throws IOException {
        house.sealed(2_500).sealed(3);
        house.write(2);
        assertEquals(house.verifyOutside(), house.verifyExport(directory.resolve("clean"), house.keys));
        house.bend("UPDATE audit_event SET actor = 'eve' WHERE id = " + house.idAt(2_499));
        var bad = house.verifyOutside();
        assertBad("position 2499", bad);
        assertEquals(bad, house.verifyExport(directory.resolve("bent"), house.keys));
    }

    @Test
    void anExportThatIsCutOffOrEditedIsNotTaken() throws IOException {
        house.sealed(3);
        var whole = directory.resolve("whole");
        house.verifyExport(whole, house.keys);
        var lines = Files.readAllLines(whole);
        var cut = directory.resolve("cut");
        Files.write(cut, lines.subList(0, lines.size() - 1));
        var verifier = new ChainVerifier(house.keys, OutsideCheckpoints.none(), Optional.empty());
        var refused = assertThrows(IllegalArgumentException.class, () -> ChainAudit.verify(cut, verifier));
        assertTrue(refused.getMessage().contains("was cut off after line " + (lines.size() - 1)));
    }

    /** An auditor without the hmac keys follows the chain and its signatures. */
    @Test
    void publicKeysAloneFollowTheChain() throws IOException {
        house.sealed(3);
        var open = new AuditKeys(Map.of(), null, house.keys.signers(), null, null);
        var verdict = house.verifyExport(directory.resolve("one"), open);
        assertEquals(Optional.empty(), verdict.bad());
        assertFalse(verdict.hmacsChecked());
        house.bend("UPDATE audit_event SET outcome = 'DENIED' WHERE id = " + house.idAt(2));
        assertBad("position 2", house.verifyExport(directory.resolve("two"), open));
    }

    /** A person goes; what was done, and that it was, stays. */
    @Test
    void anErasedPersonIsGoneAndTheChainStillVerifies() throws IOException {
        house.sealed(1_200);
        done(house.events.add(house.pool, List.of(house.happened("person:bob", "thing.change", 1))));
        database.execute("INSERT INTO audit_event (actor, action, outcome) VALUES ('person:ann', 'thing.old', 'ok')");
        house.seal();
        var erasure = new Erasure(new Prover(Optional.of(house.keys), new SecureRandom()), Clock.systemUTC());
        assertEquals(1_201, done(erasure.erase(house.pool, "person:ann", "cli:me")));
        house.seal();
        assertEquals(
                0,
                database.number("SELECT count(*) FROM audit_event e WHERE actor = 'person:ann' OR target = 'person:ann'"
                        + " OR address = '192.0.2.7' AND actor <> 'person:bob'"));
        var verdict = house.verifyAccepting(Instant.now());
        assertEquals(Optional.empty(), verdict.bad());
        assertEquals(1_200, verdict.erased());
        assertEquals(
                "[[1201]]",
                database.rows("SELECT details->>'events' FROM audit_event WHERE action = 'audit.erase'")
                        .toString());
        assertEquals(0, done(erasure.erase(house.pool, "person:ann", "cli:me")));
    }

    /** A token of hers, as actor or target, has her name in it. */
    @Test
    void whatSomebodysTokensDidIsErasedWithThem() throws IOException {
        house.sealed(1);
        done(house.events.add(
                house.pool,
                List.of(
                        house.happened("person:ann/laptop", "thing.change", 1),
                        house.happened("person:anna/laptop", "thing.change", 2))));
        house.seal();
        var erasure = new Erasure(new Prover(Optional.of(house.keys), new SecureRandom()), Clock.systemUTC());
        assertEquals(2, done(erasure.erase(house.pool, "person:ann", "cli:me")));
        house.seal();
        assertEquals(
                "[[person:anna/laptop]]",
                database.rows("SELECT DISTINCT actor FROM audit_event WHERE actor LIKE 'person:an%'")
                        .toString());
        assertEquals(Optional.empty(), house.verifyAccepting(Instant.now()).bad());
    }

    /** Erasing is no way to write something else: the commitment is what was proven. */
    @Test
    void aFalseErasureIsNamed() {
        house.sealed(3);
        house.bend("UPDATE audit_event SET actor = 'erased', actor_salt = NULL, actor_commitment = sha256('eve')"
                + " WHERE id = " + house.idAt(2));
        assertBad("position 2", house.verify());
    }
}
