package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.pganalytics.admission.Office.await;
import static org.pganalytics.admission.Office.faultOf;

import io.vertx.core.Future;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.secrets.RandomSecrets;

/** Tokens renewed by secrets that rotate, also when answers get lost. */
class RefreshIT {
    private static final AtomicInteger CALLS = new AtomicInteger();
    private static TestDatabase database;
    private static Office office;

    @BeforeAll
    static void open() {
        database = TestDatabase.create().migrated();
        office = Office.open(database);
    }

    @AfterAll
    static void close() {
        office.close();
        database.close();
    }

    /** Another one each time: limits are not what is tried here. */
    private static String address() {
        return "192.0.2." + CALLS.incrementAndGet() % 256;
    }

    private static TokenGrant refresh(Registration made, String secret) {
        return await(office.doorkeeper.refresh(made.collector(), secret, address()));
    }

    private static Fault faultOfRefresh(Registration made, String secret) {
        return faultOf(office.doorkeeper.refresh(made.collector(), secret, address()));
    }

    @Test
    void aRenewedTokenIsTheSameCollectors() {
        var made = office.register();
        var grant = refresh(made, made.refreshSecret());
        assertEquals(made.collector(), grant.collector());
        assertNotEquals(made.refreshSecret(), grant.refreshSecret());
        assertEquals(
                made.collector(),
                await(office.doorkeeper.authenticate(grant.token())).collector());
        assertEquals(
                made.collector(),
                await(office.doorkeeper.refresh(null, grant.refreshSecret(), address()))
                        .collector());
    }

    @Test
    void aSecretIsConfirmedForItsOwnCollectorAndStaysAsItIs() {
        var made = office.register();
        var other = office.register();
        await(office.doorkeeper.confirm(made.collector(), made.refreshSecret(), address()));
        var next = refresh(made, made.refreshSecret()).refreshSecret();
        await(office.doorkeeper.confirm(made.collector(), made.refreshSecret(), address()));
        await(office.doorkeeper.confirm(made.collector(), next, address()));
        assertEquals(
                Fault.UNAUTHENTICATED,
                faultOf(office.doorkeeper.confirm(made.collector(), other.refreshSecret(), address())));
        refresh(made, next);
        assertEquals(
                Fault.UNAUTHENTICATED,
                faultOf(office.doorkeeper.confirm(made.collector(), made.refreshSecret(), address())),
                "over since the next one was used");
    }

    @Test
    void theOldSecretHoldsUntilTheNewOneIsUsed() {
        var made = office.register();
        var lost = refresh(made, made.refreshSecret());
        var lostAgain = refresh(made, made.refreshSecret());
        var got = refresh(made, made.refreshSecret());
        assertEquals(Fault.UNAUTHENTICATED, faultOfRefresh(made, lost.refreshSecret()));
        assertEquals(Fault.UNAUTHENTICATED, faultOfRefresh(made, lostAgain.refreshSecret()));

        var next = refresh(made, got.refreshSecret());
        assertEquals(Fault.UNAUTHENTICATED, faultOfRefresh(made, made.refreshSecret()), "used up");
        assertEquals(made.collector(), refresh(made, got.refreshSecret()).collector(), "its answer was lost");
        assertEquals(Fault.UNAUTHENTICATED, faultOfRefresh(made, next.refreshSecret()));
    }

    @Test
    void manyRefreshesAtOnceLeaveTheOldSecretAndExactlyOneNew() {
        var made = office.register();
        var grants = IntStream.range(0, 20)
                .mapToObj(i -> office.doorkeeper.refresh(made.collector(), made.refreshSecret(), address()))
                .toList();
        await(Future.all(grants));
        var current = database.rows("SELECT encode(current_hash, 'hex') FROM refresh_secret WHERE collector_id = '%s'"
                .formatted(made.collector()));
        long holding = grants.stream()
                .map(grant -> RandomSecrets.hash(grant.result().refreshSecret()))
                .map(HexFormat.of()::formatHex)
                .filter(hash -> hash.equals(current.get(0).get(0)))
                .count();
        assertEquals(1, holding);
        assertEquals(made.collector(), refresh(made, made.refreshSecret()).collector());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wrong", "' OR true --", "\0"})
    void aWrongSecretIsRefused(String secret) {
        var made = office.register();
        assertEquals(Fault.UNAUTHENTICATED, faultOfRefresh(made, secret));
        assertEquals(Fault.COLLECTOR_UNKNOWN, faultOf(office.doorkeeper.refresh(null, secret, address())));
        assertEquals(Fault.COLLECTOR_UNKNOWN, faultOf(office.doorkeeper.refresh(UUID.randomUUID(), secret, address())));
        assertEquals(Fault.UNAUTHENTICATED, faultOfRefresh(made, null));
        assertEquals(Fault.UNAUTHENTICATED, faultOfRefresh(made, "x".repeat(100_000)));
    }

    @Test
    void anotherCollectorsSecretIsRefusedAndStaysAsItIs() {
        var one = office.register();
        var other = office.register();
        assertEquals(Fault.UNAUTHENTICATED, faultOfRefresh(one, other.refreshSecret()));
        assertEquals(other.collector(), refresh(other, other.refreshSecret()).collector());
    }
}
