package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.database.TestServer.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import io.vertx.sqlclient.Pool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database that takes a connection and then says nothing, as one does that stands still, and one that is only slow. */
class HungHandshakeIT {
    private static final int POOL_SIZE = 2;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    private static final DatabaseConfig CONFIG = new DatabaseConfig(
            "",
            "",
            "",
            null,
            POOL_SIZE,
            1,
            4,
            CONNECT_TIMEOUT,
            Duration.ofMinutes(10),
            Duration.ofMinutes(10),
            ReplicaConfig.none(),
            EmbeddedPostgresConfig.in(Path.of("target/none")));

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger connections = new AtomicInteger();
    private TestDatabase ground;
    private Database database;

    @BeforeEach
    void open() {
        ground = TestDatabase.create();
        var address = ground.address();
        var real = address.hosts().get(0);
        var relay = await(vertx.createNetServer()
                .connectHandler(came -> relay(came, real))
                .listen(0, "127.0.0.1"));
        var silentFirst = new DatabaseAddress(
                List.of(new DatabaseHost("127.0.0.1", relay.actualPort())),
                address.database(),
                address.user(),
                address.password(),
                address.ssl(),
                null);
        database = new Database(vertx, silentFirst, CONFIG, new SimpleMeterRegistry());
    }

    /** Those that fill the pool are never answered. */
    private void relay(NetSocket came, DatabaseHost real) {
        if (connections.incrementAndGet() <= POOL_SIZE) {
            return;
        }
        came.pause();
        vertx.createNetClient().connect(real.port(), real.host()).onSuccess(there -> {
            came.pipeTo(there);
            there.pipeTo(came);
        });
    }

    @AfterEach
    void close() {
        await(database.close());
        await(vertx.close());
        ground.close();
    }

    @Test
    void theIngestPoolGetsItsPlaceBackAndThenWaitsAsLongAsItTakes() {
        assertThatAPlaceComesBack(database.pool());
        var slow = await(database.pool()
                .query("SELECT pg_sleep(%d)::text".formatted(CONNECT_TIMEOUT.toSeconds() * 3))
                .execute());
        assertEquals(1, slow.size());
    }

    private static void assertThatAPlaceComesBack(Pool pool) {
        var first = IntStream.range(0, POOL_SIZE)
                .mapToObj(each -> pool.query("SELECT 1").execute())
                .toList();
        Awaitility.await("nobody waits for ever").until(() -> first.stream().allMatch(Future::isComplete));
        Awaitility.await("a place is free again")
                .atMost(CONNECT_TIMEOUT.multipliedBy(10))
                .ignoreExceptions()
                .until(() -> await(pool.query("SELECT 1").execute()).size() == 1);
    }
}
