package org.pganalytics.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeldCollectorsTest {
    private static final UUID ONE = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);
    private static final UUID SESSION = new UUID(1, 1);

    private final List<UUID> changes = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private HeldCollectors held;

    @BeforeEach
    void make() {
        var meters = new SimpleMeterRegistry();
        var clock = new MovedClock();
        held = new HeldCollectors(2, clock, meters);
        held.onChange(changes::add);
    }

    private final class MovedClock extends Clock {
        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @Test
    void aPushHoldsForAWhileFromTheLastOne() {
        held.pushed(ONE);
        now = now.plus(HeldCollectors.PUSH_HOLDS);
        held.sweep();
        assertEquals(List.of(ONE), held.among(List.of(ONE, OTHER)));
        held.pushed(ONE);
        now = now.plus(HeldCollectors.PUSH_HOLDS).plusMillis(1);
        held.sweep();
        assertEquals(List.of(), held.among(List.of(ONE, OTHER)));
        assertEquals(List.of(ONE, ONE, ONE), changes, "came, came again, forgotten");
    }

    @Test
    void aSessionHoldsUntilItIsOver() {
        held.came(ONE, SESSION);
        held.pushed(ONE);
        now = now.plus(Duration.ofDays(1));
        held.sweep();
        held.left(ONE, new UUID(1, 2));
        assertEquals(List.of(ONE), held.among(List.of(ONE)));
        held.left(ONE, SESSION);
        assertEquals(List.of(), held.among(List.of(ONE)));
    }

    @Test
    void anEndedSessionTakesNoPushAway() {
        held.pushed(ONE);
        held.left(ONE, SESSION);
        assertEquals(List.of(ONE), held.among(List.of(ONE)));
    }

    @Test
    void ofMoreThanTheMostNobodyKnows() {
        held.came(ONE, SESSION);
        held.pushed(OTHER);
        held.pushed(new UUID(0, 3));
        held.came(new UUID(0, 4), SESSION);
        held.pushed(OTHER);
        assertEquals(2, held.all().size());
    }
}
