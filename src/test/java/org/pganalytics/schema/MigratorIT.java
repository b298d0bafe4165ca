package org.pganalytics.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.database.TestServer.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.FaultException;

/** The database comes to this version once, whoever asks and how often. */
class MigratorIT {
    private final Vertx vertx = Vertx.vertx();
    private TestDatabase database;

    @BeforeEach
    void create() {
        database = TestDatabase.create();
    }

    @AfterEach
    void close() {
        database.close();
        await(vertx.close());
    }

    private Migrator migrator() {
        return new Migrator(vertx, database.address().dataSource(Duration.ofSeconds(10)));
    }

    @Test
    void aSecondRunHasNothingToDo() {
        var first = await(migrator().migrate());
        var second = await(migrator().migrate());

        assertEquals("", first.before());
        assertTrue(first.applied().contains("0301 targets and families"), first::toString);
        assertEquals(List.of(), second.applied());
        assertEquals(first.now(), second.before());
    }

    /** Else every start would wait for Flyway, and nothing would tell. */
    @Test
    void whatWasAppliedIsRecognisedWithoutFlyway() throws Exception {
        var ours = OwnMigrations.in("schema").orElseThrow();
        var source = database.address().dataSource(Duration.ofSeconds(10));
        try (var connection = source.getConnection()) {
            assertEquals(Optional.empty(), ours.appliedTo(connection));
        }

        var now = await(migrator().migrate()).now();

        try (var connection = source.getConnection()) {
            assertEquals(now, ours.appliedTo(connection).orElseThrow().getVersion());
        }
    }

    /** What Flyway would find to do it is asked for, although nothing is new by number. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE schema_history SET checksum = checksum + 1 WHERE version = '0201'",
                "UPDATE schema_history SET version = '0200' WHERE version = '0201'",
                "UPDATE schema_history SET success = false WHERE version = '0201'",
            })
    void aHistoryThatDoesNotAgreeIsRefused(String change) {
        await(migrator().migrate());
        database.execute(change);

        var refused = assertThrows(FaultException.class, () -> await(migrator().migrate()));

        assertTrue(refused.getMessage().contains("0201") || refused.getMessage().contains("0200"), refused::getMessage);
    }

    @Test
    void aMigrationThatIsNotThereYetIsApplied() {
        await(migrator().migrate());
        database.execute("DROP TABLE schema_floor; DELETE FROM schema_history WHERE version = '0001'");

        assertEquals(List.of("0001 schema floor"), await(migrator().migrate()).applied());
    }

    @Test
    void serversThatStartAtOnceApplyEachMigrationOnce() {
        var runs = IntStream.range(0, 4)
                .mapToObj(i ->
                        new Migrator(Vertx.vertx(), database.address().dataSource(Duration.ofSeconds(10))).migrate())
                .toList();

        await(Future.all(runs));

        long applied =
                runs.stream().filter(run -> !run.result().applied().isEmpty()).count();
        assertEquals(1, applied);
        assertEquals(
                0,
                database.number(
                        "SELECT count(*) - count(DISTINCT version) FROM schema_history WHERE version IS NOT NULL"));
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void otherVersionsOfPostgresTakeItToo(int major) {
        try (var other = TestDatabase.create(major).migrated()) {
            assertEquals(0, other.number("SELECT count(*) FROM target"));
        }
    }

    @Test
    void aMigrationOfALaterServerIsNoErrorUntilItRaisesTheFloor() {
        await(migrator().migrate());
        database.execute("INSERT INTO schema_history (installed_rank, version, description, type, script, checksum,"
                + " installed_by, execution_time, success) VALUES (999, '9901', 'later', 'SQL', 'V9901__later.sql', 1,"
                + " 'x', 1, true)");
        assertEquals(List.of(), await(migrator().migrate()).applied());

        database.execute("UPDATE schema_floor SET version = '9901'");
        var refused = assertThrows(FaultException.class, () -> await(migrator().migrate()));
        assertTrue(
                refused.getMessage().contains("needs a server that knows schema version 9901"), refused.getMessage());
    }

    @Test
    void aMigrationThatFailsLeavesNothingOfItself() {
        var broken =
                new Migrator(vertx, database.address().dataSource(Duration.ofSeconds(10)), "classpath:schema-broken");

        var failure = assertThrows(FaultException.class, () -> await(broken.migrate()));

        assertTrue(failure.getMessage().contains("V0002__half.sql"), failure.getMessage());
        assertFalse((Boolean)
                database.rows("SELECT to_regclass('half') IS NOT NULL").get(0).get(0));
    }
}
