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
        // Never above the limit, not even until it is seen: what others ask for meanwhile would not fit for no reason.
        long before = used.getAndUpdate(now -> now + bytes <= max ? now + bytes : now);
        return before + bytes <= max;
    }

    public void release(long bytes) {
        used.addAndGet(-bytes);
    }

    public long used() {
        return used.get();
    }
}
