package org.pganalytics.audit.chain;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.audit.chain.ChainHouse.assertBad;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.database.TestDatabase;

/** Whoever may do anything in the database and has no key is found, whatever he bends, and the first bad record named. */
class ChainIT {
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

    @Test
    void whatNobodyBentIsClean() throws IOException {
        house.sealed(3).sealed(4);
        house.write(2);
        var verdict = house.verifyOutside();
        assertEquals(Optional.empty(), verdict.bad());
        assertEquals(7, verdict.to());
        assertEquals(2, verdict.waiting());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "time ; time + interval '1 microsecond'",
                "actor ; 'person:eve'",
                "action ; 'thing.look'",
                "target ; 'another'",
                "outcome ; 'DENIED'",
                "address ; '192.0.2.8'",
                "details ; details || '{\"n\": 99}'",
                "details ; details || '{\"n\": 3.00000000000000000001}'",
                "details ; details - 'n'",
                "number ; number + 100",
                "writer ; gen_random_uuid()",
                "hmac ; sha256('forged')",
                "actor_salt ; sha256('another')",
                "key_id ; 'h-none'",
            })
    void anEditedEventIsNamed(String column, String value) {
        house.sealed(3).sealed(4);
        house.bend("UPDATE audit_event SET %s = %s WHERE id = %d".formatted(column, value, house.idAt(3)));
        assertBad("position 3, event %d".formatted(house.idAt(3)), house.verify());
    }

    @Test
    void aDeletedEventIsNamedWithAndWithoutItsSeal() {
        house.sealed(3).sealed(4);
        long second = house.idAt(2);
        long fifth = house.idAt(5);
        house.bend("DELETE FROM audit_event WHERE id = " + fifth);
        assertBad("position 5, event %d was deleted".formatted(fifth), house.verify());
        house.bend("DELETE FROM audit_event WHERE id = %1$d; DELETE FROM audit_seal WHERE event_id = %1$d"
                .formatted(second));
        assertBad("position 2 is missing, the next one there is 3", house.verify());
    }

    @Test
    void aForgedEventIsNamedWhereverItIsPut() {
        house.sealed(3);
        database.execute(
                "INSERT INTO audit_event (actor, action, outcome) VALUES ('person:eve', 'thing.change', 'ok')");
        assertBad("not sealed yet: it has no hmac", house.verify());
        house.seal();
        assertBad("position 4, event %d (thing.change".formatted(house.idAt(4)), house.verify());
        assertEquals(1, house.meters.get("pganalytics.audit.bent").counter().count());
    }

    @Test
    void aForgedEventPastTheQueueIsNamed() {
        house.sealed(3);
        house.bend("INSERT INTO audit_event (actor, action, outcome) VALUES ('person:eve', 'thing.change', 'ok')");
        long forged = database.number("SELECT max(id) FROM audit_event");
        assertBad("event %d (thing.change".formatted(forged), house.verify());
        assertBad("neither sealed nor waiting", house.verify());
    }

    @Test
    void anEventThatIsThereAgainIsNamed() {
        house.sealed(3);
        database.execute("""
                INSERT INTO audit_event (time, actor, action, target, outcome, address, details, writer, number, key_id,
                    hmac, actor_salt, target_salt, address_salt)
                SELECT time, actor, action, target, outcome, address, details, writer, number, key_id, hmac, actor_salt,
                    target_salt, address_salt FROM audit_event WHERE id = %d""".formatted(house.idAt(2)));
        house.seal();
        assertBad("position 4, event %d (thing.change".formatted(house.idAt(4)), house.verify());
        assertBad("it repeats an event", house.verify());
    }

    @Test
    void eventsInAnotherOrderAreNamed() {
        house.sealed(7);
        house.bend("ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_event_id_key;"
                + " UPDATE audit_seal s SET event_id = o.event_id FROM audit_seal o"
                + " WHERE (s.position, o.position) IN ((3, 5), (5, 3))");
        database.executeAsSuperuser("ALTER TABLE audit_seal ADD CONSTRAINT audit_seal_event_id_key UNIQUE (event_id)");
        assertBad("position 3, event %d".formatted(house.idAt(3)), house.verify());
        assertBad("the chain does not lead here", house.verify());
    }

    @Test
    void placesThatAreExchangedWithTheirHashesAreNamed() {
        house.sealed(7);
        house.bend("UPDATE audit_seal SET position = -position WHERE position IN (3, 5);"
                + " UPDATE audit_seal SET position = 8 + position WHERE position < 0");
        assertBad("position 3, event", house.verify());
    }

    /** Each batch with its checkpoint: inside the database nothing tells that there was more. */
    @Test
    void anEndThatIsCutOffIsNamedByWhatWasToldOutside() throws IOException {
        house.sealed(3).sealed(4);
        house.bend("DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_seal WHERE position > 3);"
                + " DELETE FROM audit_seal WHERE position > 3; DELETE FROM audit_checkpoint WHERE position > 3");
        assertTrue(house.verify().isClean());
        assertBad("the checkpoint file says that the chain went on to 7", house.verifyOutside());
        house.sealed(1);
        assertTrue(house.sealer.problem().orElse("").contains("ended at position 7, and now ends at 3"));
        assertBad(
                "position 7: the checkpoint file says otherwise",
                house.sealed(5).verifyOutside());
    }

    @Test
    void anEndThatIsCutOffWithinABatchIsNamed() {
        house.sealed(3).sealed(4);
        house.bend("DELETE FROM audit_event WHERE id = %d; DELETE FROM audit_seal WHERE position = 7"
                .formatted(house.idAt(7)));
        assertBad("position 7 is missing: a checkpoint signed at", house.verify());
    }

    @Test
    void missingCheckpointsAreNamed() {
        house.sealed(3).sealed(4);
        house.bend("DELETE FROM audit_checkpoint WHERE position = 3");
        assertBad("a checkpoint between them is gone", house.verify());
        house.bend("DELETE FROM audit_checkpoint WHERE position = 7");
        assertBad("positions 1 to 7 are sealed by no checkpoint", house.verify());
        house.bend("DELETE FROM audit_checkpoint");
        assertBad("the signed beginning of the chain is gone", house.verify());
    }

    @Test
    void aCheckpointThatSaysSomethingElseIsNamed() {
        house.sealed(3).sealed(4);
        house.bend("UPDATE audit_checkpoint SET time = time - interval '1 hour' WHERE position = 3");
        assertBad("the seal checkpoint at position 3 is not signed", house.verify());
    }

    @Test
    void allOfItGoneIsNamed() throws IOException {
        house.sealed(3);
        database.empty("audit_event, audit_unsealed, audit_seal, audit_checkpoint");
        assertBad("there is no chain", house.verify());
        house.sealed(5);
        assertTrue(house.verify().isClean());
        assertBad("the checkpoint file says otherwise", house.verifyOutside());
    }

    /** A whole server of his own, but for the keys. */
    @Test
    void aChainMadeAnewWithOtherKeysIsNamed() throws IOException {
        house.sealed(3);
        house.stopSealing();
        database.empty("audit_event, audit_unsealed, audit_seal, audit_checkpoint");
        try (var forger = ChainHouse.create(database, Files.createDirectory(directory.resolve("forger")))) {
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                forger.seal();
                return database.number("SELECT count(*) FROM audit_checkpoint") > 0;
            });
            forger.sealed(3);
            assertTrue(forger.verify().isClean());
        }
        assertBad("the begin checkpoint at position 0 is not signed with a key of ours", house.verify());
    }

    @Test
    void anEventThatIsDeletedBeforeItIsSealedIsNamed() {
        house.sealed(3);
        house.write(2);
        long gone = database.number("SELECT max(id) FROM audit_event");
        house.bend("DELETE FROM audit_event WHERE id = " + gone);
        assertBad("event %d was deleted before it was sealed".formatted(gone), house.verify());
        house.seal();
        assertBad("position 5, event %d was deleted".formatted(gone), house.verify());
    }
}
