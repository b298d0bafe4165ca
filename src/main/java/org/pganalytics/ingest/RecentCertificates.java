package org.pganalytics.ingest;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;

/** Which collectors were given a certificate a moment ago: a tenth of its life, at most 10 s. Thread-safe. */
final class RecentCertificates {
    private static final Duration REST_MAX = Duration.ofSeconds(10);
    private static final int SHARE_OF_LIFE = 10;
    /** The eldest is forgotten, who may then ask a little sooner. */
    private static final int REMEMBERED_MAX = 10_000;

    private final LongSupplier nanoClock;
    private final Map<UUID, Long> untilNanos = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Long> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    RecentCertificates(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    synchronized void issued(UUID collector, Duration lifetime) {
        long rest = Math.min(REST_MAX.toNanos(), lifetime.toNanos() / SHARE_OF_LIFE);
        untilNanos.remove(collector);
        untilNanos.put(collector, nanoClock.getAsLong() + rest);
    }

    /** How long it has to wait for the next one; empty when it need not. */
    synchronized Optional<Duration> left(UUID collector) {
        return Optional.ofNullable(untilNanos.get(collector))
                .map(until -> Duration.ofNanos(until - nanoClock.getAsLong()))
                .filter(left -> !left.isNegative() && !left.isZero());
    }
}
