package org.pganalytics.audit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.audit.chain.Prover;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;

/** Events become rows; rows of a change stand or fall with it. */
class AuditVerticleIT {
    private static TestDatabase database;

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx);
    private final UUID collector = UUID.randomUUID();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Pool pool;

    @BeforeAll
    static void create() {
        database = TestDatabase.create().migrated();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    @BeforeEach
    void deploy() {
        database.empty("audit_event, audit_unsealed");
        pool = database.pool(vertx, 2);
        var config = new AuditConfig(Duration.ofMillis(100), 10, Duration.ofDays(90));
        done(vertx.deployVerticle(new AuditVerticle(
                bus, pool, new Prover(Optional.empty(), new SecureRandom()), config, Clock.systemUTC(), registry)));
    }

    @AfterEach
    void close() {
        done(vertx.close());
    }

    private static <T> T done(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private static long count(String where) {
        return database.number("SELECT count(*) FROM audit_event WHERE " + where);
    }

    @Test
    void everyKindOfEventIsWritten() {
        bus.publish(new Event.SessionOpened(collector, UUID.randomUUID(), "192.0.2.1", "tcp"));
        bus.publish(new Event.SessionClosed(collector, UUID.randomUUID(), null));
        bus.publish(new Event.BatchRefused(collector, Fault.BAD_DATA, "with \0 and \n and \ud800", 1));
        bus.publish(new Event.LossDeclared(collector, "pg_locks", "SPOOL_FULL", 2, 30));
        bus.publish(new Event.StrangerRefused("192.0.2.9", Fault.UNAUTHENTICATED));
        bus.publish(
                new Event.CertificateRefused(collector, "192.0.2.8", Fault.CERTIFICATE_REFUSED, "another collector's"));
        bus.publish(new Event.StoreStateChanged(false, "gone"));
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertEquals(7, count("true")));
        assertEquals(1, count("action = 'session.open' AND address = '192.0.2.1' AND outcome = 'ok'"));
        assertEquals(
                1, count("action = 'batch.refuse' AND outcome = 'BAD_DATA' AND target = '%s'".formatted(collector)));
        assertEquals(1, count("action = 'loss.declare' AND (details->>'rows')::int = 30"));
        assertEquals(1, count("action = 'stranger.refuse' AND address = '192.0.2.9'"));
        assertEquals(
                1,
                count("action = 'certificate.refuse' AND target = '%s' AND address = '192.0.2.8'"
                        .formatted(collector)));
    }

    @Test
    void aStormIsAFewRowsWithCountsThatAddUp() {
        for (int i = 0; i < 5_000; i++) {
            bus.publish(new Event.BatchRefused(collector, Fault.RATE_LIMITED, "too fast " + i, 1));
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertEquals(
                        5_000,
                        database.number(
                                "SELECT coalesce(sum(coalesce((details->>'count')::int, 1)), 0) FROM audit_event")));
        assertEquals(0, count("action = 'audit.overflow'"));
    }

    @Test
    void whatDoesNotFitWhileTheDatabaseIsAwayIsCountedInARow() {
        database.execute("ALTER TABLE audit_event RENAME TO audit_away");
        for (int i = 0; i < 25; i++) {
            bus.publish(new Event.StrangerRefused("192.0.2." + i, Fault.UNAUTHENTICATED));
        }
        await().pollDelay(Duration.ofMillis(500)).until(() -> true);
        database.execute("ALTER TABLE audit_away RENAME TO audit_event");
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertEquals(11, count("true")));
        assertEquals(
                15, database.number("SELECT (details->>'lost')::int FROM audit_event WHERE action = 'audit.overflow'"));
        assertEquals(15, registry.get("pganalytics.audit.lost").counter().count());
    }

    @Test
    void whatWaitsIsWrittenAtTheEnd() {
        bus.publish(new Event.StrangerRefused("192.0.2.1", Fault.UNAUTHENTICATED));
        await().atMost(Duration.ofSeconds(5))
                .until(() -> registry.get("pganalytics.audit.waiting").gauge().value() > 0 || count("true") > 0);
        done(Future.all(vertx.deploymentIDs().stream().map(vertx::undeploy).toList()));
        assertEquals(1, count("true"));
    }

    @Test
    void aRowOfAChangeThatIsRolledBackIsNotThere() {
        var trail = new AuditTrail();
        var record = new AuditRecord("tester", "thing.change", "t", "ok", "", new JsonObject().put("n", 1));
        var failed = pool.withTransaction(
                tx -> trail.add(tx, record).compose(added -> Future.failedFuture("the change itself failed")));
        assertEquals("the change itself failed", done(failed.map("").otherwise(Throwable::getMessage)));
        assertEquals(0, count("true"));
        done(pool.withTransaction(tx -> trail.add(tx, record)));
        assertEquals(List.of(List.of("tester", "1")), database.rows("SELECT actor, details->>'n' FROM audit_event"));
    }
}
