package org.pganalytics.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;

/** The last minute is what is told, and no more. */
class IngestPulseTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void aMinuteIsRememberedAndThenForgotten() {
        var vertx = Vertx.vertx();
        try {
            var nanos = new AtomicLong(-7 * SECOND);
            var bus = new Bus(vertx);
            var pulse = new IngestPulse(bus, nanos::get);
            assertEquals(new IngestPulse.Rates(0, 0, 0, OptionalDouble.empty()), pulse.rates());
            nanos.addAndGet(119 * SECOND);
            bus.publish(new Event.BatchStored(UUID.randomUUID(), 600, 1, Map.of(), 4_000));
            bus.publish(new Event.BatchStored(UUID.randomUUID(), 600, 1, Map.of(), 2_000));
            bus.publish(new Event.BatchRefused(UUID.randomUUID(), Fault.BAD_DATA, "", 1));
            var busy = new IngestPulse.Rates(20, 2 / 60.0, 1 / 60.0, OptionalDouble.of(3));
            Awaitility.await().untilAsserted(() -> assertEquals(busy, pulse.rates()));
            nanos.addAndGet(59 * SECOND);
            assertEquals(busy, pulse.rates());
            nanos.addAndGet(SECOND);
            assertEquals(0, pulse.rates().rowsPerSecond());
        } finally {
            vertx.close();
        }
    }
}
