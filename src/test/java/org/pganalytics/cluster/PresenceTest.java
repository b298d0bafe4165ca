package org.pganalytics.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A server whose Redis does not answer. */
class PresenceTest {
    private static final int HELD_MAX = 10;

    @Test
    void nothingIsKeptToBeToldWhileRedisIsAway() throws Exception {
        var vertx = Vertx.vertx();
        try {
            var meters = new SimpleMeterRegistry();
            var away = RedisConfig.of(RedisConfig.Mode.STANDALONE, List.of("redis://127.0.0.1:1"));
            var link = new RedisLink(vertx, away, Math::random, meters);
            assertFalse(link.isUp());
            var members = new Members(vertx, link, "alone", meters);
            var here = new HeldCollectors(HELD_MAX, Clock.systemUTC(), meters);
            var presence = new Presence(vertx, members, here);
            presence.start();

            for (int visit = 0; visit < 100; visit++) {
                var collector = UUID.randomUUID();
                var session = UUID.randomUUID();
                here.came(collector, session);
                here.left(collector, session);
            }
            assertEquals(0, presence.untold());

            var held = UUID.randomUUID();
            here.came(held, UUID.randomUUID());
            var found = presence.find(List.of(held)).toCompletionStage().toCompletableFuture();
            assertEquals(Map.of(held, "alone"), found.get(5, TimeUnit.SECONDS), "its own it knows");
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        }
    }
}
