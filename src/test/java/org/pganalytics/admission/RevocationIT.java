package org.pganalytics.admission;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.admission.Office.faultOf;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.cluster.ClusterConfig;
import org.pganalytics.cluster.Notifications;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;

/** A revocation reaches every server in time, with and without notifications. */
class RevocationIT {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static TestDatabase database;

    private Office here;
    private Office there;

    @BeforeAll
    static void create() {
        database = TestDatabase.create().migrated();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    @BeforeEach
    void open() {
        here = Office.open(database);
        there = Office.open(database);
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    @Test
    void thisServerKnowsAtOnceAndAnotherWithinFiveSecondsWithoutAnyNotification() {
        var made = here.register();
        var principal = Office.await(there.doorkeeper.authenticate(made.token()));
        var toldHere = told(here);
        var toldThere = told(there);

        Office.await(here.collectors.revoke(made.collector(), "tester", "lost machine"));
        await().atMost(Duration.ofMillis(1_500)).until(() -> toldHere.contains(made.collector()));
        assertEquals(Fault.REVOKED, faultOf(here.doorkeeper.authenticate(made.token())));
        assertFalse(here.admission.revocations().current(principal));

        await().atMost(LIMIT).until(() -> toldThere.contains(made.collector()));
        assertEquals(Fault.REVOKED, faultOf(there.doorkeeper.authenticate(made.token())));
        assertFalse(there.admission.revocations().current(principal));
        assertEquals(
                List.of(List.of("tester", "lost machine")),
                database.rows("SELECT actor, details->>'reason' FROM audit_event WHERE action = 'collector.revoke'"
                        + " AND target = '%s'".formatted(made.collector())));
    }

    @Test
    void aNotificationHastensIt() {
        var made = here.register();
        Office.await(there.doorkeeper.authenticate(made.token()));
        there.admission.revocations().stop();
        var notifications = new Notifications(there.vertx, database.connecting(), ClusterConfig.defaults());
        notifications.on(
                Revocations.CHANNEL, id -> there.admission.revocations().refresh());
        Office.await(notifications.start());
        var told = told(there);

        database.execute("UPDATE collector SET generation = generation + 1 WHERE collector_id = '%s'"
                .formatted(made.collector()));
        await().atMost(LIMIT).until(() -> told.contains(made.collector()));
        assertEquals(Fault.REVOKED, faultOf(there.doorkeeper.authenticate(made.token())));
        Office.await(notifications.stop());
    }

    @Test
    void aSlowTransactionIsNotMissed() throws Exception {
        var early = here.register();
        var late = here.register();
        Office.await(there.doorkeeper.authenticate(early.token()));
        Office.await(there.doorkeeper.authenticate(late.token()));
        var told = told(there);
        try (var slow = database.connect()) {
            slow.setAutoCommit(false);
            slow.createStatement()
                    .execute("UPDATE collector SET revoked_at = now(), generation = 2 WHERE collector_id = '%s'"
                            .formatted(early.collector()));
            Office.await(here.collectors.revoke(late.collector(), "tester", ""));
            await().atMost(LIMIT).until(() -> told.contains(late.collector()));
            assertFalse(told.contains(early.collector()));
            slow.commit();
        }
        await().atMost(LIMIT).until(() -> told.contains(early.collector()));
    }

    @Test
    void whatIsKnownHoldsWhileTheDatabaseIsAway() {
        var revoked = here.register();
        var fine = here.register();
        Office.await(here.doorkeeper.authenticate(fine.token()));
        Office.await(here.doorkeeper.authenticate(revoked.token()));
        Office.await(here.collectors.revoke(revoked.collector(), "tester", ""));
        here.admission.revocations().stop();
        await().pollDelay(Duration.ofMillis(500)).until(() -> true);
        var stranger = there.register();
        database.execute("ALTER TABLE collector RENAME TO collector_away");
        try {
            here.admission.databaseChanged();
            assertEquals(Fault.REVOKED, faultOf(here.doorkeeper.authenticate(revoked.token())));
            assertEquals(
                    fine.collector(),
                    Office.await(here.doorkeeper.authenticate(fine.token())).collector());
            assertEquals(Fault.STORE_DOWN, faultOf(here.doorkeeper.authenticate(stranger.token())));
            assertEquals(Fault.STORE_DOWN, faultOf(here.doorkeeper.register(Office.SECRET, "new", "4", "192.0.2.1")));
        } finally {
            database.execute("ALTER TABLE collector_away RENAME TO collector");
        }
        assertEquals(
                stranger.collector(),
                Office.await(here.doorkeeper.authenticate(stranger.token())).collector());
    }

    @Test
    void aCollectorThatARestoredDatabaseDoesNotHoldIsToRegisterAgain() {
        var made = here.register();
        var kept = here.register();
        Office.await(here.doorkeeper.authenticate(made.token()));
        Office.await(here.doorkeeper.authenticate(kept.token()));
        database.execute("DELETE FROM collector WHERE collector_id = '%s'".formatted(made.collector()));
        here.admission.databaseChanged();
        await().atMost(LIMIT)
                .until(() -> faultOf(here.doorkeeper.authenticate(made.token())) == Fault.COLLECTOR_UNKNOWN);
        Office.await(here.doorkeeper.authenticate(kept.token()));
    }

    @Test
    void aRevokedCollectorCannotRenewItsToken() {
        var made = here.register();
        Office.await(here.collectors.revoke(made.collector(), "tester", ""));
        assertEquals(Fault.REVOKED, faultOf(there.doorkeeper.refresh(null, made.refreshSecret(), "192.0.2.1")));
        assertEquals(
                Fault.REVOKED, faultOf(there.doorkeeper.refresh(made.collector(), made.refreshSecret(), "192.0.2.1")));
    }

    @Test
    void anOverrideOfOneCollectorsLimitsArrivesTheSameWay() {
        var made = here.register();
        Office.await(there.doorkeeper.authenticate(made.token()));
        database.execute(
                "UPDATE collector SET rows_per_second = 7 WHERE collector_id = '%s'".formatted(made.collector()));
        var revocations = there.admission.revocations();
        await().atMost(LIMIT)
                .until(() -> Double.valueOf(7)
                        .equals(revocations.overridesOf(made.collector()).rowsPerSecond()));
        assertTrue(revocations.current(Office.await(there.doorkeeper.authenticate(made.token()))));
    }

    private static List<UUID> told(Office office) {
        var told = new CopyOnWriteArrayList<UUID>();
        office.admission.revocations().onRevoked(told::add);
        return told;
    }
}
