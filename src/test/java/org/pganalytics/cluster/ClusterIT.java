package org.pganalytics.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.database.TestServer.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.database.TestDatabase;

/** Servers on one database: one leads, and all hear of it. */
class ClusterIT {
    private static final ClusterConfig FAST = new ClusterConfig(
            Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofSeconds(1));

    private final Vertx vertx = Vertx.vertx();
    private TestDatabase database;
    private Pool pool;

    @BeforeEach
    void create() {
        database = TestDatabase.create();
        pool = database.pool(vertx, 2);
    }

    @AfterEach
    void close() {
        await(pool.close());
        await(vertx.close());
        database.close();
    }

    private Leadership candidate(String name) {
        var candidate = new Leadership(vertx, database.connecting(), name, FAST);
        await(candidate.start());
        return candidate;
    }

    private void terminate(String applicationName) {
        database.executeAsSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '"
                + applicationName + "' AND datname = current_database()");
    }

    @Test
    void oneLeadsUntilItStopsAndThenAnother() {
        var first = candidate("work");
        var second = candidate("work");
        var elsewhere = candidate("other work");
        assertTrue(first.isLeader());
        assertFalse(second.isLeader());
        assertTrue(elsewhere.isLeader());

        await(first.stop());

        assertFalse(first.isLeader());
        Awaitility.await().until(second::isLeader);
    }

    /** As shipped; all that the first one had is closed at once, as the system does for a process that is killed. */
    @Test
    void anotherLeadsWithinTwoSecondsOfADeath() {
        var dying = Vertx.vertx();
        var first = new Leadership(dying, database.connecting(), "work", ClusterConfig.defaults());
        await(first.start());
        var second = new Leadership(vertx, database.connecting(), "work", ClusterConfig.defaults());
        await(second.start());
        assertTrue(first.isLeader());

        await(dying.close());

        Awaitility.await().atMost(Duration.ofSeconds(2)).until(second::isLeader);
    }

    @Test
    void theLeadIsLostWithItsConnectionAndWonAgain() {
        var changes = new CopyOnWriteArrayList<Boolean>();
        var leadership = candidate("work");
        leadership.onChange(changes::add);

        terminate("pganalytics leader work");

        Awaitility.await().until(() -> changes.equals(List.of(false, true)));
        assertEquals(
                1,
                database.number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                        + " (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    @Test
    void neverDoTwoLeadAtOnce() {
        var candidates = List.of(candidate("work"), candidate("work"), candidate("work"));
        var lost = new AtomicInteger();
        candidates.forEach(candidate -> candidate.onChange(leads -> lost.addAndGet(leads ? 0 : 1)));
        for (int i = 0; i < 3; i++) {
            int before = lost.get();
            terminate("pganalytics leader work");
            Awaitility.await().until(() -> lost.get() > before);
            Awaitility.await().until(() -> {
                long leaders = candidates.stream().filter(Leadership::isLeader).count();
                assertTrue(leaders <= 1, "leaders: " + leaders);
                return leaders == 1;
            });
        }
    }

    @Test
    void theLeaderWorksOneWorkAtATimeAndNobodyElseDoes() {
        var leader = candidate("work");
        var other = candidate("work");
        var release = Promise.<String>promise();
        var first = leader.lead(connection -> release.future());

        assertEquals(Optional.empty(), await(leader.lead(connection -> Future.succeededFuture("no"))));
        assertEquals(Optional.empty(), await(other.lead(connection -> Future.succeededFuture("no"))));
        release.complete("done");

        assertEquals(Optional.of("done"), await(first));
        assertEquals(
                Optional.of(1L),
                await(leader.lead(connection -> connection
                        .query("SELECT 1::bigint")
                        .execute()
                        .map(rows -> rows.iterator().next().getLong(0)))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT pg_sleep(600)", "SET statement_timeout = 0; SELECT pg_sleep(600)"})
    void workThatHangsCostsTheLead(String hanging) {
        var leader = candidate("work");
        var other = candidate("work");

        var work = leader.lead(connection -> connection.query(hanging).execute());

        Awaitility.await().atMost(Duration.ofSeconds(60)).until(other::isLeader);
        assertTrue(work.failed());
        assertFalse(leader.isLeader());
        assertEquals(
                0,
                database.number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%600)' AND pid <>"
                        + " pg_backend_pid() AND state = 'active'"));
    }

    @Test
    void workThatFailsAtOnceKeepsTheLead() {
        var leader = candidate("work");
        assertTrue(leader.lead(connection -> {
                    throw new IllegalStateException("a bug");
                })
                .failed());
        assertTrue(leader.isLeader());
        assertEquals(Optional.of("next"), await(leader.lead(connection -> Future.succeededFuture("next"))));
    }

    private static Future<?> notified(Pool pool, String channel, String payload) {
        return pool.preparedQuery("SELECT pg_notify($1, $2)").execute(Tuple.of(channel, payload));
    }

    @Test
    void aNoticeReachesWhoListensAndALostConnectionIsMadeAgain() {
        var heard = new CopyOnWriteArrayList<String>();
        var missed = new AtomicInteger();
        var notifications = new Notifications(vertx, database.connecting(), FAST);
        notifications.on("Channel one", heard::add);
        notifications.on("two", payload -> heard.add("two " + payload));
        notifications.onMayHaveMissed(missed::incrementAndGet);
        await(notifications.start());
        Awaitility.await().until(() -> missed.get() >= 1);

        await(notified(pool, "Channel one", "näme"));
        await(notified(pool, "two", ""));
        Awaitility.await().until(() -> heard.equals(List.of("näme", "two ")));

        int before = missed.get();
        terminate("pganalytics notifications");
        Awaitility.await().until(() -> missed.get() > before);
        heard.clear();
        Awaitility.await().until(() -> {
            await(notified(pool, "Channel one", "again"));
            return heard.contains("again");
        });
        await(notifications.stop());
    }
}
