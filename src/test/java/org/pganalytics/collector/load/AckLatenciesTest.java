package org.pganalytics.collector.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AckLatenciesTest {
    private final AckLatencies latencies = new AckLatencies();

    @Test
    void nothingIsZero() {
        assertEquals(0, latencies.quantileMillis(0.99));
        assertEquals(0, latencies.maxMillis());
    }

    @Test
    void quantilesAreRightWithinAPartIn64() {
        LongStream.rangeClosed(1, 100_000).forEach(latencies::add);
        for (var part : new double[] {0.0001, 0.01, 0.5, 0.95, 0.99, 1.0}) {
            double exact = 100.0 * part;
            double found = latencies.quantileMillis(part);
            assertTrue(found >= exact && found <= exact * (1 + 1.0 / 32), part + ": " + found);
        }
    }

    @Test
    void noLatencyIsTooLongOrTooShort() {
        latencies.add(-5);
        latencies.add(Long.MAX_VALUE);
        assertEquals(0, latencies.quantileMillis(0.5));
        assertEquals(Long.MAX_VALUE / 1_000.0, latencies.quantileMillis(1));
    }
}
