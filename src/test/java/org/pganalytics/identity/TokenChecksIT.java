package org.pganalytics.identity;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Permission;
import org.pganalytics.model.Principal;
import org.pganalytics.secrets.RandomSecrets;

/** What a server believes of a token, and for how long; by a clock that the test turns. */
class TokenChecksIT {
    private static final long STALENESS = SECONDS.toNanos(2);

    private static TestDatabase database;
    private static Vertx vertx;

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - SECONDS.toNanos(3));
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private TokenChecks checks;
    private String token;

    @BeforeAll
    static void open() {
        database = TestDatabase.create().migrated();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        database.close();
    }

    @BeforeEach
    void make() {
        var config = new IdentityConfig(
                Duration.ofHours(8),
                Duration.ofDays(7),
                20,
                Duration.ofHours(24),
                12,
                List.of(),
                Duration.ofMinutes(15),
                20,
                Duration.ofDays(365),
                Duration.ofNanos(STALENESS));
        var pool = database.pool(vertx, 4);
        checks = new TokenChecks(pool, new AuditTrail(), config, nanos::get, registry);
        var tokens =
                new ApiTokens(pool, new RandomSecrets(new SecureRandom()), new AuditTrail(), config, Clock.systemUTC());
        var wish = new ApiTokens.Wish(
                "service", EnumSet.of(Permission.FLEET_READ), Instant.now().plus(Duration.ofHours(1)));
        token = result(tokens.addService(wish, new ApiTokens.By("tester", ""))).text();
    }

    @AfterEach
    void forget() {
        database.execute("DELETE FROM api_token");
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
        } catch (java.util.concurrent.ExecutionException failed) {
            throw (RuntimeException) failed.getCause();
        } catch (Exception late) {
            throw new IllegalStateException(late);
        }
    }

    private Principal find() {
        return result(checks.find(token, "192.0.2.1"));
    }

    private double lookUps() {
        return registry.get("pganalytics.identity.token.lookups").counter().count();
    }

    @Test
    void theDatabaseIsAskedOnceForAsLongAsItIsBelieved() {
        assertTrue(find().may(Permission.FLEET_READ));
        assertFalse(find().may(Permission.METRICS_READ));
        database.execute("UPDATE api_token SET revoked_at = now()");
        nanos.addAndGet(STALENESS - 1);
        assertEquals("service:service", find().name(), "no notice came, and it is not stale yet");
        assertEquals(1, lookUps());
        nanos.incrementAndGet();
        assertEquals(
                Fault.UNAUTHENTICATED,
                assertThrows(FaultException.class, this::find).fault());
    }

    @Test
    void itIsBelievedFromWhenItWasAskedAndNotFromWhenItAnswered() throws Exception {
        try (var other = database.connect()) {
            other.setAutoCommit(false);
            other.createStatement().execute("LOCK TABLE api_token");
            var slow = checks.find(token, "192.0.2.1");
            nanos.addAndGet(STALENESS);
            other.rollback();
            result(slow);
        }
        find();
        assertEquals(2, lookUps());
    }

    @Test
    void whatANoticeOvertookIsNotKept() throws Exception {
        try (var other = database.connect()) {
            other.setAutoCommit(false);
            other.createStatement().execute("LOCK TABLE api_token");
            var slow = checks.find(token, "192.0.2.1");
            await().until(() -> lookUps() == 1);
            checks.forget();
            other.rollback();
            result(slow);
        }
        find();
        assertEquals(2, lookUps());
        find();
        assertEquals(2, lookUps(), "the next one is");
    }

    @Test
    void aTokenIsNotBelievedPastItsOwnEnd() {
        database.execute("UPDATE api_token SET ends_at = now() + interval '1500 ms'");
        find();
        nanos.addAndGet(Duration.ofMillis(1_500).toNanos());
        find();
        assertEquals(2, lookUps());
    }

    @Test
    void whatIsRefusedIsAskedForAgain() {
        database.execute("UPDATE api_token SET revoked_at = now()");
        assertThrows(FaultException.class, this::find);
        database.execute("UPDATE api_token SET revoked_at = NULL");
        assertTrue(find().may(Permission.FLEET_READ));
    }

    @Test
    void nobodyIsLetInForLongerWhileTheDatabaseIsAway() {
        find();
        database.execute("ALTER TABLE api_token RENAME TO api_token_away");
        try {
            find();
            nanos.addAndGet(STALENESS);
            assertEquals(
                    Fault.STORE_DOWN,
                    assertThrows(FaultException.class, this::find).fault());
        } finally {
            database.execute("ALTER TABLE api_token_away RENAME TO api_token");
        }
    }
}
