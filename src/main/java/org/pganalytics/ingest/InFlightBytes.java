package org.pganalytics.ingest;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.pganalytics.fault.ByteRoom;
import org.pganalytics.fault.FaultException;

/** Bytes of the whole server that have arrived and are not yet answered. Safe to share between threads. */
public final class InFlightBytes {
    private final ByteRoom room;

    /** @param max bytes @param retryAfterMax longest wait that one who finds no room is told */
    public InFlightBytes(long max, Duration retryAfterMax, LongSupplier nanoClock, MeterRegistry registry) {
        this.room = new ByteRoom(max, retryAfterMax, nanoClock);
        Gauge.builder("pganalytics.ingest.inflight.bytes", room, ByteRoom::used).register(registry);
    }

    /** Takes all of the bytes, or none and returns false. */
    public boolean reserve(long bytes) {
        return room.take(bytes);
    }

    public void release(long bytes) {
        room.release(bytes);
    }

    /** What one is told who found no room for so many bytes. */
    public FaultException full(long bytes) {
        return room.full("the server holds as many bytes as it may", bytes);
    }

    public long used() {
        return room.used();
    }
}
