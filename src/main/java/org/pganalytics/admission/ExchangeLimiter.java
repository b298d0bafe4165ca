package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.pganalytics.fault.Fault;

/**
 * Limits how often a version 3 collector, once its token is known for authentic, gets a new one. By the collector, not by
 * its address: a whole fleet behind one address asks before each push. Thread-safe.
 */
final class ExchangeLimiter {
    private static final UUID OTHERS = new UUID(0, 0);

    private final AdmissionConfig.Strangers limits;
    private final LongSupplier nanoClock;
    private final Allotments<UUID, TokenBucket> buckets;

    ExchangeLimiter(AdmissionConfig config, LongSupplier nanoClock, MeterRegistry registry) {
        this.limits = config.strangers();
        this.nanoClock = nanoClock;
        this.buckets = new Allotments<>(config.collectorsMax(), OTHERS, TokenBucket::full, nanoClock);
        registry.gauge("pganalytics.admission.exchanging", buckets, Allotments::size);
    }

    /** Counts one. @throws org.pganalytics.fault.FaultException RATE_LIMITED when there were too many */
    void take(UUID collector) {
        var bucket = buckets.of(
                collector, key -> new TokenBucket(limits.attemptsPerSecond(), limits.burstAttempts(), nanoClock));
        var wait = bucket.take(1);
        if (!wait.isZero()) {
            throw Fault.RATE_LIMITED
                    .because("collector %s exchanges its token more than %s times a second"
                            .formatted(collector, limits.attemptsPerSecond()))
                    .retryAfter(wait);
        }
    }
}
