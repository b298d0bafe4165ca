package org.pganalytics.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentCertificatesTest {
    private static final Duration LIFETIME = Duration.ofDays(30);

    private final UUID collector = UUID.randomUUID();

    @Test
    void theRestIsATenthOfALifeOrTenSecondsAndIsEachCollectorsOwn() {
        var now = new AtomicLong();
        var recent = new RecentCertificates(now::get);
        var other = UUID.randomUUID();
        recent.issued(collector, LIFETIME);
        recent.issued(other, Duration.ofSeconds(10));
        assertEquals(Duration.ofSeconds(10), recent.left(collector).orElseThrow());
        assertEquals(Duration.ofSeconds(1), recent.left(other).orElseThrow());
        now.set(Duration.ofSeconds(1).toNanos());
        assertTrue(recent.left(other).isEmpty());
        for (int more = 0; more < 10_000; more++) {
            recent.issued(UUID.randomUUID(), LIFETIME);
        }
        assertTrue(recent.left(collector).isEmpty(), "the eldest is forgotten");
    }
}
