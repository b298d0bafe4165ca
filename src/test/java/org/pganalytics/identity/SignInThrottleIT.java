package org.pganalytics.identity;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Who guesses waits, and whose name it is does not, by a real database. */
class SignInThrottleIT {
    private static final String STRANGER = "192.0.2.66";
    private static final String OWNER = "198.51.100.1";

    private static TestDatabase database;
    private static Vertx vertx;
    private static Pool pool;
    private static SignInThrottle throttle;

    @BeforeAll
    static void open() {
        database = TestDatabase.create().migrated();
        vertx = Vertx.vertx();
        pool = database.pool(vertx, 8);
        throttle = new SignInThrottle(pool);
    }

    @AfterAll
    static void close() {
        settled(vertx.close());
        database.close();
    }

    @AfterEach
    void forget() {
        database.execute("DELETE FROM sign_in_failure");
        database.execute("DELETE FROM sign_in_failure_from");
    }

    /** Null when it succeeded. */
    private static Throwable settled(Future<?> future) {
        try {
            future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
            return null;
        } catch (java.util.concurrent.ExecutionException failed) {
            return failed.getCause();
        } catch (Exception late) {
            throw new IllegalStateException(late);
        }
    }

    private static boolean may(String address) {
        var failure = settled(throttle.take("alice", address));
        assertTrue(failure == null || Fault.of(failure) == Fault.RATE_LIMITED, () -> String.valueOf(failure));
        return failure == null;
    }

    private static Duration waitOf(String address) {
        return ((FaultException) settled(throttle.take("alice", address)))
                .retryAfter()
                .orElseThrow();
    }

    private static void failures(String table, int failures) {
        database.execute("UPDATE %s SET failures = %d, last_at = clock_timestamp()".formatted(table, failures));
    }

    @Test
    void oneStrangerDoesNotKeepTheOwnerOut() {
        long taken = IntStream.range(0, 20).filter(guess -> may(STRANGER)).count();
        assertTrue(taken >= 5 && taken <= 7, () -> taken + " were looked at");
        assertTrue(may(OWNER), "who comes from elsewhere");
        assertEquals(null, settled(SignInThrottle.clear(pool, "alice", OWNER)));
        failures("sign_in_failure_from", 11);
        assertTrue(!may(STRANGER), "whose own count stands");
        assertTrue(may(OWNER));
    }

    @ParameterizedTest
    @CsvSource({"5, 1", "6, 2", "10, 32", "11, 60", "40, 60"})
    void oneAddressWaitsUpToAMinute(int failures, int seconds) {
        may(STRANGER);
        failures("sign_in_failure_from", failures);
        var left = waitOf(STRANGER);
        assertTrue(left.compareTo(Duration.ofSeconds(seconds)) <= 0, left::toString);
        assertTrue(left.compareTo(Duration.ofSeconds(seconds).minusMillis(900)) > 0, left::toString);
    }

    @ParameterizedTest
    @CsvSource({"104, 10", "5000, 10"})
    void manyAddressesWaitUpToTenSecondsAndWhatHadToWaitDoesNotCount(int failures, int seconds) {
        may(STRANGER);
        failures("sign_in_failure", failures);
        var left = waitOf(OWNER);
        assertTrue(left.compareTo(Duration.ofSeconds(seconds)) <= 0, left::toString);
        assertTrue(left.compareTo(Duration.ofSeconds(seconds).minusSeconds(5)) > 0, left::toString);
        assertEquals(failures, database.number("SELECT failures FROM sign_in_failure"));
        assertEquals(1, database.number("SELECT count(*) FROM sign_in_failure_from"), "the owner's try is not counted");
        database.execute("UPDATE sign_in_failure SET last_at = last_at - interval '11 s'");
        assertTrue(may(OWNER));
    }

    @Test
    void aHundredAddressesAreAHundredTries() {
        for (int host = 0; host < 100; host++) {
            assertTrue(may("203.0.113." + host));
        }
        assertTrue(waitOf(OWNER).compareTo(Duration.ofSeconds(1)) <= 0);
    }

    @Test
    void anIpv6HostsSixtyFourCountsAsOne() {
        may("2001:db8:1:2::1");
        failures("sign_in_failure_from", 11);
        assertTrue(!may("2001:db8:1:2:ffff::9"));
        assertTrue(may("2001:db8:1:3::1"));
    }

    @Test
    void ofManyAtOnceFiveAreLookedAt() {
        var all = IntStream.range(0, 20)
                .mapToObj(guess -> throttle.take("alice", STRANGER))
                .toList();
        long taken = all.stream().filter(each -> settled(each) == null).count();
        assertTrue(taken >= 5 && taken <= 7, () -> taken + " were looked at");
    }

    @Test
    void anotherPasswordClearsAllOfIt() {
        may(STRANGER);
        failures("sign_in_failure_from", 11);
        failures("sign_in_failure", 104);
        assertTrue(!may(STRANGER));
        assertEquals(null, settled(SignInThrottle.clearAll(pool, "alice")));
        assertTrue(may(STRANGER));
    }

    @Test
    void whatIsADayOldIsForgotten() {
        may(STRANGER);
        database.execute("UPDATE sign_in_failure_from SET last_at = last_at - interval '25 h'");
        database.execute("UPDATE sign_in_failure SET last_at = last_at - interval '25 h'");
        assertEquals(null, settled(throttle.trim()));
        assertEquals(0, database.number("SELECT count(*) FROM sign_in_failure_from"));
        assertEquals(0, database.number("SELECT count(*) FROM sign_in_failure"));
    }
}
