package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.admission.Office.ADDRESS;
import static org.pganalytics.admission.Office.SECRET;
import static org.pganalytics.admission.Office.await;
import static org.pganalytics.admission.Office.faultOf;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Who is let in with which registration secret. */
class RegistrationIT {
    private static TestDatabase database;
    private Office office;

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
        database.empty("collector, refresh_secret, registration_secret, audit_event");
        office = Office.open(database);
    }

    @AfterEach
    void close() {
        office.close();
    }

    @Test
    void everyRegistrationMakesANewCollectorWhoseTokenHolds() {
        var one = office.register();
        var other = office.register();
        assertNotEquals(one.collector(), other.collector());
        var principal = await(office.doorkeeper.authenticate(one.token()));
        assertEquals(one.collector(), principal.collector());
        assertEquals("db-one", principal.name());
        assertEquals(Duration.ofHours(1), one.lifetime());
        assertEquals(2, database.number("SELECT count(*) FROM collector WHERE agent_version = '4.0.0'"));
    }

    @Test
    void onlyHashesOfSecretsAreKept() {
        var made = office.register();
        var everything =
                database.rows("SELECT s::text FROM registration_secret s").toString()
                        + database.rows("SELECT r::text FROM refresh_secret r")
                        + database.rows("SELECT a::text FROM audit_event a");
        assertTrue(everything.contains("$argon2id$"), everything);
        assertFalse(everything.contains(SECRET), everything);
        assertFalse(everything.contains(made.refreshSecret()), everything);
    }

    @Test
    void aRegistrationAndItsAuditRowStandOrFallTogether() {
        var made = office.register();
        assertEquals(
                List.of(List.of("registration-secret:config", "collector.register", "ok", ADDRESS)),
                database.rows("SELECT actor, action, outcome, address FROM audit_event WHERE target = '%s'"
                        .formatted(made.collector())));

        database.execute("ALTER TABLE audit_event ADD CHECK (action <> 'collector.register') NOT VALID");
        assertEquals(Fault.STORE_DOWN, faultOf(office.doorkeeper.register(SECRET, "two", "", ADDRESS)));
        database.execute("ALTER TABLE audit_event DROP CONSTRAINT audit_event_action_check");
        assertEquals(1, database.number("SELECT count(*) FROM collector"));
        assertEquals(1, database.number("SELECT count(*) FROM refresh_secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "correct horse batterY", "correct horse battery "})
    void aWrongSecretIsRefusedEachTime(String secret) {
        office.register();
        assertEquals(Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.register(secret, "db", "4", ADDRESS)));
        assertEquals(Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.register(secret, "db", "4", ADDRESS)));
        assertEquals(1, database.number("SELECT count(*) FROM collector"));
    }

    @Test
    void noSecretAtAllAndAHugeOneAreRefused() {
        assertEquals(Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.register(null, "db", "4", ADDRESS)));
        var huge = "x".repeat(1 << 20);
        assertEquals(Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.register(huge, "db", "4", ADDRESS)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "two\nlines", "nul\0"})
    void aNameThatNobodyCouldReadIsRefused(String name) {
        assertEquals(Fault.BAD_REQUEST, faultOf(office.doorkeeper.register(SECRET, name, "4", ADDRESS)));
        assertEquals(Fault.BAD_REQUEST, faultOf(office.doorkeeper.register(SECRET, "n".repeat(256), "4", ADDRESS)));
    }

    @Test
    void severalSecretsHoldAtOnceAndEachEndsAlone() {
        var secrets = office.admission.registrationSecrets();
        var inAnHour = Optional.of(Instant.now().plusSeconds(3_600));
        await(secrets.add("site-a", "a secret of site A", inAnHour, "tester"));
        await(secrets.add("site-b", "a secret of site B", Optional.empty(), "tester"));
        await(office.doorkeeper.register("a secret of site A", "a", "4", ADDRESS));
        await(office.doorkeeper.register("a secret of site B", "b", "4", ADDRESS));

        await(secrets.revoke("site-b", "tester"));
        database.execute("UPDATE registration_secret SET expires_at = now() WHERE name = 'site-a'");
        assertEquals(
                Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.register("a secret of site A", "a", "4", ADDRESS)));
        assertEquals(
                Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.register("a secret of site B", "b", "4", ADDRESS)));
        office.register();
        assertEquals(
                List.of("config", "site-a", "site-b"),
                await(secrets.list()).stream().map(RegistrationSecret::name).toList());
        assertEquals(
                List.of(List.of("registration-secret.add"), List.of("registration-secret.revoke")),
                database.rows("SELECT action FROM audit_event WHERE target = 'site-b' ORDER BY id"));
    }

    @Test
    void aSecretTooShortOrUnderATakenNameIsNotAdded() {
        var secrets = office.admission.registrationSecrets();
        var never = Optional.<Instant>empty();
        assertEquals(Fault.BAD_REQUEST, faultOf(secrets.add("site", "elevenchars", never, "tester")));
        assertEquals(Fault.BAD_REQUEST, faultOf(secrets.add("config", "twelve chars", never, "tester")));
        assertEquals(Fault.BAD_REQUEST, faultOf(secrets.add("no spaces", "twelve chars", never, "tester")));
        await(secrets.add("site", "twelve chars", never, "tester"));
        assertEquals(Fault.BAD_REQUEST, faultOf(secrets.add("site", "another twelve", never, "tester")));
        assertEquals(Fault.NOT_FOUND, faultOf(secrets.revoke("nobody", "tester")));
        await(secrets.revoke("site", "tester"));
        await(secrets.add("site", "another twelve", never, "tester"));
    }

    @Test
    void noMoreSecretsHoldThanMay() {
        var secrets = office.admission.registrationSecrets();
        for (int i = 1; i < RegistrationSecrets.HOLDING_MAX; i++) {
            await(secrets.add("site" + i, "a secret, number " + i, Optional.empty(), "tester"));
        }
        assertEquals(Fault.BAD_REQUEST, faultOf(secrets.add("more", "one secret more", Optional.empty(), "tester")));
    }

    @Test
    void theConfiguredSecretFollowsTheConfiguration() {
        office.close();
        office = Office.open(database, Office.config(Duration.ofHours(1)), Optional.of("another secret"));
        assertEquals(Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.register(SECRET, "db", "4", ADDRESS)));
        await(office.doorkeeper.register("another secret", "db", "4", ADDRESS));
        office.close();
        office = Office.open(database, Office.config(Duration.ofHours(1)), Optional.empty());
        assertEquals(Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.register("another secret", "db", "4", ADDRESS)));
        office.close();
        office = Office.open(database);
        office.register();
        assertEquals(1, database.number("SELECT count(*) FROM registration_secret"));
    }

    @Test
    void aFleetThatStartsAtOnceCostsOneArgon2AndAllGetIn() {
        var waiting = new ArrayList<Integer>();
        for (int i = 0; i < 500; i++) {
            waiting.add(i);
        }
        int rounds = 0;
        while (!waiting.isEmpty()) {
            assertTrue(++rounds < 40, waiting.size() + " are still outside");
            waiting = stillOutside(waiting);
        }
        assertEquals(500, database.number("SELECT count(DISTINCT name) FROM collector"));
        assertEquals(500, database.number("SELECT count(*) FROM collector"));
        assertEquals(
                1,
                office.registry
                        .get("pganalytics.admission.secret.checks")
                        .timer()
                        .count());
        await(office.admission.close());
        assertEquals(500, database.number("SELECT uses FROM registration_secret WHERE name = 'config'"));
    }

    /** All of them try at once, and those who are told to come again do so a second later. */
    private ArrayList<Integer> stillOutside(List<Integer> starters) {
        var outside = new ArrayList<Integer>();
        var tries = starters.stream()
                .map(i -> office.doorkeeper.register(SECRET, "db" + i, "4", ADDRESS))
                .toList();
        for (int i = 0; i < tries.size(); i++) {
            try {
                await(tries.get(i));
            } catch (FaultException refused) {
                assertTrue(refused.fault().retryable(), refused.detail());
                var wait = refused.retryAfter().orElseThrow();
                assertTrue(wait.compareTo(Duration.ofSeconds(60)) <= 0, wait.toString());
                outside.add(starters.get(i));
            }
        }
        await(Future.future(promise -> office.vertx.setTimer(1_000, done -> promise.complete())));
        return outside;
    }
}
