package org.pganalytics.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes of the whole server that have arrived and are not yet answered. Safe to share between threads. */
public final class InFlightBytes {
    private final long max;
    private final AtomicLong used = new AtomicLong();

    public InFlightBytes(long max, MeterRegistry registry) {
        this.max = max;
        registry.gauge("pganalytics.ingest.inflight.bytes", used);
    }

    /** Takes all of the bytes, or none and returns false. */
    public boolean reserve(long bytes) {
        if (used.addAndGet(bytes) <= max) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    public void release(long bytes) {
        used.addAndGet(-bytes);
    }

    public long used() {
        return used.get();
    }
}
