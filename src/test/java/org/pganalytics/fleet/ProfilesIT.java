package org.pganalytics.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fleet.Assignments.RollOut;
import org.pganalytics.fleet.RollOutStates.Progress;

/** Profiles, their roll-out and what collectors are told, on a real database. */
class ProfilesIT {
    private static final Selector EVERYBODY = Selector.parse("");
    private static TestDatabase database;

    private final Vertx vertx = Vertx.vertx();
    private Pool pool;
    private Profiles profiles;
    private Assignments assignments;
    private RollOutStates states;
    private ConfigOffice office;

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
        database.empty("collector, audit_event, profile_assignment, profile_version");
        pool = database.pool(vertx, 4);
        profiles = new Profiles(
                pool,
                new AuditTrail(),
                text -> text.contains("bad")
                        ? Future.failedFuture("line 1: bad")
                        : Future.succeededFuture("{\"said\":\"" + text + "\"}"));
        assignments = new Assignments(pool, new AuditTrail());
        states = new RollOutStates(pool, new AuditTrail());
        office = new ConfigOffice(pool, FleetConfig.defaults(), new SimpleMeterRegistry());
    }

    @AfterEach
    void close() {
        done(vertx.close());
    }

    private static <T> T done(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private static Fault faultOf(Future<?> future) {
        return done(future.<Fault>map(fine -> null).otherwise(Fault::of));
    }

    private static UUID collector(String name) {
        var id = UUID.randomUUID();
        database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', '%s')".formatted(id, name));
        return id;
    }

    private Assignment assign(String profile, int version, String selector, int percent) {
        return done(assignments.assign(
                new RollOut(profile, version, Selector.parse(selector), OptionalInt.empty(), percent), "tester"));
    }

    private ProfileVersion add(String profile, String text) {
        return done(profiles.add(profile, text, "because", "tester"));
    }

    private static String audited() {
        return database.rows("SELECT action FROM audit_event ORDER BY id").toString();
    }

    @Test
    void aVersionNeverChangesAndTheSameTextIsTheSameVersion() {
        assertEquals(1, add("base", "one").version());
        assertEquals(1, add("base", "one").version());
        assertEquals(2, add("base", "two").version());
        assertEquals(3, add("base", "one").version());
        assertEquals(1, add("other", "one").version());

        assertThrows(RuntimeException.class, () -> database.execute("UPDATE profile_version SET document = 'x'"));
        assertEquals("one", done(profiles.version("base", 1)).document());
        assertEquals(
                List.of(3, 2, 1),
                done(profiles.versions("base")).stream()
                        .map(ProfileVersion::version)
                        .toList());
        assertEquals(2, done(profiles.list()).size());
        assertEquals(4, database.number("SELECT count(*) FROM audit_event WHERE action = 'profile.add'"));
        assertEquals(4, database.number("SELECT count(DISTINCT tag) FROM profile_version"));
    }

    @Test
    void whatIsWrongIsRefusedAndLeavesNothing() {
        assertEquals(Fault.BAD_REQUEST, faultOf(profiles.add("base", "bad", "", "tester")));
        assertEquals(Fault.BAD_REQUEST, faultOf(profiles.add("Base 'x'", "one", "", "tester")));
        assertEquals(Fault.BAD_REQUEST, faultOf(profiles.add("base", "x".repeat(10 << 20), "", "tester")));
        assertEquals(Fault.BAD_REQUEST, faultOf(profiles.add("base", "a\0b", "", "tester")));
        assertEquals(Fault.BAD_REQUEST, faultOf(profiles.add("base", "one", "two\nlines", "tester")));
        assertEquals(Fault.NOT_FOUND, faultOf(profiles.versions("nothing")));
        add("base", "one");
        assertEquals(Fault.NOT_FOUND, faultOf(profiles.version("base", 2)));
        assertEquals(
                Fault.NOT_FOUND,
                faultOf(assignments.assign(new RollOut("base", 2, EVERYBODY, OptionalInt.empty(), 100), "tester")));
        for (int percent : new int[] {-1, 0, 101}) {
            assertEquals(
                    Fault.BAD_REQUEST,
                    faultOf(assignments.assign(
                            new RollOut("base", 1, EVERYBODY, OptionalInt.empty(), percent), "tester")));
        }
        assertEquals(
                Fault.BAD_REQUEST,
                faultOf(assignments.assign(new RollOut("base", 1, EVERYBODY, OptionalInt.of(1_001), 100), "tester")));
        assertEquals(Fault.NOT_FOUND, faultOf(assignments.end("base", EVERYBODY, "tester")));
        assertEquals(Fault.COLLECTOR_UNKNOWN, faultOf(states.label(UUID.randomUUID(), Map.of("a", "b"), "tester")));
        assertEquals("[[profile.add]]", audited());
    }

    @Test
    void aRollOutGoesForwardInPartAndBack() {
        for (var text : List.of("one", "two", "three")) {
            add("base", text);
        }
        assertEquals(Optional.empty(), assign("base", 1, "", 100).before());
        assertEquals(Fault.CONFLICT, faultOf(assignments.rollBack("base", EVERYBODY, OptionalInt.empty(), "tester")));
        assertEquals(1, assign("base", 2, "", 10).before().orElseThrow().number());
        assertEquals(1, assign("base", 2, "", 50).before().orElseThrow().number());
        assertEquals(1, assign("base", 3, "", 50).before().orElseThrow().number(), "the last that all ran");
        assertEquals(1, assign("base", 3, "", 100).before().orElseThrow().number());

        var back = done(assignments.rollBack("base", EVERYBODY, OptionalInt.empty(), "tester"));
        assertEquals(1, back.current().number());
        assertEquals(100, back.percent());
        assertEquals(
                2,
                done(assignments.rollBack("base", EVERYBODY, OptionalInt.of(2), "tester"))
                        .current()
                        .number());
        done(assignments.end("base", EVERYBODY, "tester"));
        assertEquals(List.of(), done(assignments.list()));
        assertEquals(
                "[[profile.add], [profile.add], [profile.add], [profile.assign], [profile.assign], [profile.assign],"
                        + " [profile.assign], [profile.assign], [profile.rollback], [profile.rollback],"
                        + " [profile.unassign]]",
                audited());
    }

    @Test
    void aChangeStandsOrFallsWithItsAuditRow() {
        add("base", "one");
        var collector = collector("db");
        database.execute("ALTER TABLE audit_event ADD CONSTRAINT nothing CHECK (false) NOT VALID");
        try {
            assertEquals(Fault.STORE_DOWN, faultOf(profiles.add("base", "two", "", "tester")));
            assertEquals(
                    Fault.STORE_DOWN,
                    faultOf(assignments.assign(new RollOut("base", 1, EVERYBODY, OptionalInt.empty(), 100), "tester")));
            assertEquals(Fault.STORE_DOWN, faultOf(states.label(collector, Map.of("a", "b"), "tester")));
        } finally {
            database.execute("ALTER TABLE audit_event DROP CONSTRAINT nothing");
        }
        assertEquals(1, done(profiles.versions("base")).size());
        assertEquals(List.of(), done(assignments.list()));
        assertEquals(Map.of(), done(states.of(collector)).labels());
    }

    @Test
    void operatorsLabelsWinOverACollectorsOwnQuotesAndAll() {
        var collector = collector("db");
        var odd = "O'Brien \"DBA\"; DROP TABLE profile_version --";
        done(office.report(collector, new ConfigReport("", "", "", Set.of("env=test", "owner=" + odd))));
        assertEquals(
                Map.of("env", "test", "owner", odd), done(states.of(collector)).labels());
        done(states.label(collector, Map.of("env", "prod"), "tester"));
        assertEquals(
                Map.of("env", "prod", "owner", odd), done(states.of(collector)).labels());

        add("base", "one");
        assign("base", 1, "env=prod,owner=" + odd, 100);
        assertEquals(
                add("base", "one").tag(),
                done(office.handout(collector, Set.of())).tag());
        assertEquals(
                Fault.BAD_REQUEST, faultOf(office.report(collector, new ConfigReport("", "", "", Set.of("no label")))));
    }

    @Test
    void theStateSaysHowFarACollectorIs() {
        var collector = collector("db");
        assertEquals(Progress.NONE, done(states.of(collector)).progress());
        var version = add("base", "one");
        assign("base", 1, "", 100);
        assertEquals(Progress.WAITING, done(states.of(collector)).progress());
        done(office.report(collector, new ConfigReport("", version.tag(), "a line is wrong", Set.of())));
        var refused = done(states.of(collector));
        assertEquals(Progress.REFUSED, refused.progress());
        assertEquals("a line is wrong", refused.note());
        done(office.report(collector, new ConfigReport(version.tag(), "", "", Set.of())));
        assertEquals(Progress.RUNNING, done(states.of(collector)).progress());
        assertEquals(1, done(states.page(CollectorPage.Cursor.START, 10)).size());
        database.execute("UPDATE collector SET revoked_at = now()");
        assertEquals(0, done(states.page(CollectorPage.Cursor.START, 10)).size());
    }

    @Test
    void aHandoutNamesTheDocumentAndHoldsItOnlyForWhoLacksIt() {
        var collector = collector("db");
        assertEquals(Handout.NOTHING, done(office.handout(collector, Set.of())));
        var version = add("base", "one");
        assign("base", 1, "", 100);
        office.changed("");
        Awaitility.await()
                .until(() -> !done(office.handout(collector, Set.of())).tag().isEmpty());
        assertEquals(
                new Handout(version.tag(), Optional.of("{\"said\":\"one\"}")),
                done(office.handout(collector, Set.of())));
        assertEquals(
                new Handout(version.tag(), Optional.empty()), done(office.handout(collector, Set.of(version.tag()))));
    }

    @Test
    void onlyThoseWhoseConfigurationChangesAreTold() {
        var prod = collector("prod");
        var test = collector("test");
        done(office.report(prod, new ConfigReport("", "", "", Set.of("env=prod"))));
        for (var one : List.of(prod, test)) {
            done(office.handout(one, Set.of()));
        }
        var told = new CopyOnWriteArrayList<UUID>();
        office.onChanged((collector, within) -> {
            assertTrue(within.compareTo(Duration.ofMinutes(1)) <= 0);
            told.add(collector);
        });
        add("base", "one");
        assign("base", 1, "env=prod", 100);
        office.changed("");
        Awaitility.await().until(() -> told.contains(prod));
        office.changed(test.toString());
        office.changed(UUID.randomUUID().toString());
        assertEquals(List.of(prod, test), told);
    }

    @Test
    void aDeletedCollectorTakesItsReportWithIt() {
        var collector = collector("db");
        done(office.report(collector, new ConfigReport("", "", "", Set.of("env=prod"))));
        database.execute("DELETE FROM collector");
        assertEquals(0, database.number("SELECT count(*) FROM collector_config"));
        assertEquals(Fault.STORE_DOWN, faultOf(office.report(collector, new ConfigReport("", "", "", Set.of()))));
    }
}
