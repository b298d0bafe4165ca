package org.pganalytics.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.http.Entrance;

/** Beyond the limit a connection is closed unanswered: those that are open come first. */
final class Places implements Entrance {
    private final int max;
    private final AtomicInteger taken = new AtomicInteger();
    private final Counter refused;

    Places(int max, MeterRegistry registry) {
        this.max = max;
        registry.gauge("pganalytics.management.connections", taken);
        this.refused = registry.counter("pganalytics.management.connections.refused");
    }

    @Override
    public boolean enters(String address) {
        if (taken.incrementAndGet() <= max) {
            return true;
        }
        taken.decrementAndGet();
        refused.increment();
        return false;
    }

    @Override
    public void left(String address) {
        taken.decrementAndGet();
    }
}
