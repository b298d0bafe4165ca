package org.pganalytics.ingest.v3;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.v3.V3Push;

/** Counts what became of what version 3 collectors sent. */
final class V3Meters {
    private final MeterRegistry registry;

    V3Meters(MeterRegistry registry) {
        this.registry = registry;
        // From the start, so that a rate has something to begin with.
        for (var outcome : new String[] {"stored", "repeated", "quarantined"}) {
            objects(outcome, 0);
        }
        delayed(0);
    }

    void objects(String outcome, long count) {
        registry.counter("pganalytics.v3.objects", "outcome", outcome).increment(count);
    }

    void read(V3Push.Counts counts) {
        registry.counter("pganalytics.v3.odd.values").increment(counts.odd());
        registry.counter("pganalytics.v3.unknown.values").increment(counts.unknown());
    }

    void delayed(long count) {
        registry.counter("pganalytics.v3.delayed").increment(count);
    }

    /** @param answered whether it was told so, which makes the sender drop its data; else it was cut off */
    void retryRefused(Fault fault, boolean answered) {
        registry.counter(
                        "pganalytics.v3.retries.refused", "fault", fault.name(), "answered", Boolean.toString(answered))
                .increment();
    }

    void retriesHeld(AtomicInteger held) {
        registry.gauge("pganalytics.v3.retries.held", held);
    }
}
