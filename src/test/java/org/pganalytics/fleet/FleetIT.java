package org.pganalytics.fleet;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;

/** The inventory on a real database. */
class FleetIT {
    private static TestDatabase database;

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx);
    private Pool pool;
    private Collectors collectors;

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
        database.empty("collector, audit_event");
        pool = database.pool(vertx, 4);
        collectors = new Collectors(pool, new AuditTrail(), bus);
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

    private static UUID add(String name) {
        var id = UUID.randomUUID();
        database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', '%s')".formatted(id, name));
        return id;
    }

    @Test
    void pagesTogetherHoldEveryCollectorOnceAlsoThoseOfOneName() {
        for (int i = 0; i < 25; i++) {
            add(i % 2 == 0 ? "same" : "name-" + i);
        }
        var seen = new ArrayList<UUID>();
        var next = Optional.of(CollectorPage.Cursor.START);
        while (next.isPresent()) {
            var page = done(collectors.list(next.get(), 5));
            assertTrue(page.collectors().size() <= 5);
            page.collectors().forEach(entry -> seen.add(entry.collector()));
            next = page.next();
        }
        assertEquals(25, seen.size());
        assertEquals(25, seen.stream().distinct().count());
        assertEquals(13, done(collectors.named("same")).size());
        assertEquals(List.of(), done(collectors.named("nobody")));
    }

    @Test
    void anEmptyInventoryIsAnEmptyLastPage() {
        assertEquals(
                new CollectorPage(List.of(), Optional.empty()), done(collectors.list(CollectorPage.Cursor.START, 1)));
        assertEquals(Optional.empty(), done(collectors.find(UUID.randomUUID())));
        assertEquals(Fault.BAD_REQUEST, faultOf(collectors.list(CollectorPage.Cursor.START, 0)));
        assertEquals(Fault.BAD_REQUEST, faultOf(collectors.list(CollectorPage.Cursor.START, 1_001)));
    }

    @Test
    void aRevocationChangesTheGenerationOnceAndStandsOrFallsWithItsAuditRow() {
        var id = add("db");
        assertEquals(Fault.COLLECTOR_UNKNOWN, faultOf(collectors.revoke(UUID.randomUUID(), "tester", "")));
        database.execute("ALTER TABLE audit_event ADD CONSTRAINT nothing CHECK (false)");
        assertEquals(Fault.STORE_DOWN, faultOf(collectors.revoke(id, "tester", "")));
        assertTrue(done(collectors.find(id)).orElseThrow().revokedAt().isEmpty());
        database.execute("ALTER TABLE audit_event DROP CONSTRAINT nothing");

        assertEquals(2, done(collectors.revoke(id, "tester", "gone")).generation());
        assertEquals(2, done(collectors.revoke(id, "tester", "gone")).generation());
        assertTrue(done(collectors.find(id)).orElseThrow().revokedAt().isPresent());
        assertEquals(1, database.number("SELECT count(*) FROM audit_event"));
    }

    @Test
    void theTimeOfTheLastBatchIsWrittenInBulkAndDoesNotCountAsAChange() {
        var id = add("db");
        var other = add("other");
        var silent = add("silent");
        var changed = database.rows("SELECT max(changed_xid::text::bigint) FROM collector");
        done(vertx.deployVerticle(new LastSeenVerticle(
                bus, pool, new FleetConfig(Duration.ofMillis(200), 10), Clock.systemUTC(), new SimpleMeterRegistry())));
        for (int i = 0; i < 100; i++) {
            bus.publish(new Event.BatchStored(id, 1, 1, Map.of(), 1));
            bus.publish(new Event.BatchStored(UUID.randomUUID(), 1, 1, Map.of(), 1));
        }
        bus.publish(new Event.BatchDuplicated(id, true));
        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        done(collectors.find(id)).orElseThrow().lastSeenAt().isPresent());
        bus.publish(new Event.BatchDuplicated(other, true));
        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        done(collectors.find(other)).orElseThrow().lastSeenAt().isPresent());
        assertTrue(done(collectors.find(silent)).orElseThrow().lastSeenAt().isEmpty());
        assertEquals(changed, database.rows("SELECT max(changed_xid::text::bigint) FROM collector"));
    }
}
