package org.pganalytics.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.database.TestServer.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;

/** Servers on a database come to hold about as many collectors. */
class PeersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final SpreadConfig OFTEN = new SpreadConfig(true, Duration.ofMillis(100));

    private final Vertx vertx = Vertx.vertx();
    private final TestDatabase database = TestDatabase.create().migrated();
    private final Pool pool = database.pool(vertx, 4);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<AtomicInteger> servers = new ArrayList<>();

    @AfterEach
    void close() {
        await(vertx.close());
        database.close();
    }

    private String join(SpreadConfig config, int holds) {
        var held = new AtomicInteger(holds);
        servers.add(held);
        return await(vertx.deployVerticle(new Peers(pool, config, held::get, many -> move(held, many), meters)));
    }

    /** They come to who has the fewest, as by a balancer. */
    private synchronized int move(AtomicInteger from, int many) {
        for (int moved = 0; moved < many; moved++) {
            from.decrementAndGet();
            servers.stream()
                    .min((one, other) -> Integer.compare(one.get(), other.get()))
                    .orElseThrow()
                    .incrementAndGet();
        }
        return many;
    }

    private List<Integer> held() {
        return servers.stream().map(AtomicInteger::get).toList();
    }

    @Test
    void oneThatJoinsGetsItsPart() {
        join(OFTEN, 30);
        join(OFTEN, 30);
        join(OFTEN, 0);

        Awaitility.await().atMost(PATIENCE).until(() -> held().stream().allMatch(each -> each >= 18 && each <= 21));
        assertEquals(60, held().stream().mapToInt(each -> each).sum());
        assertEquals(20, meters.counter("pganalytics.ingest.sessions.let.go").count(), 2);
    }

    @Test
    void oneThatStopsCountsNoMore() {
        join(OFTEN, 10);
        var other = join(OFTEN, 10);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> database.number("SELECT count(*) FROM server_peer WHERE sessions = 10") == 2);

        await(vertx.undeploy(other));

        assertEquals(1, database.number("SELECT count(*) FROM server_peer"));
    }

    @Test
    void oneThatIsNotToSpreadTellsAndKeepsItsOwn() {
        join(new SpreadConfig(false, OFTEN.every()), 30);
        join(OFTEN, 0);

        Awaitility.await().atMost(PATIENCE).until(() -> database.number("SELECT count(*) FROM server_peer") == 2);
        assertEquals(List.of(30, 0), held());
    }
}
