package org.pganalytics.collector.load;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A histogram of latencies in µs, in buckets at most 1/64 wide of their value, so that memory does not depend on how many
 * there are. Safe to share between event loops.
 */
final class AckLatencies {
    private static final int STEPS_BITS = 6;
    private static final int STEPS = 1 << STEPS_BITS;

    private final AtomicLongArray counts = new AtomicLongArray((Long.SIZE - STEPS_BITS + 1) * STEPS);
    private final AtomicLong max = new AtomicLong();

    void add(long micros) {
        long value = Math.max(0, micros);
        counts.incrementAndGet(bucket(value));
        max.accumulateAndGet(value, Math::max);
    }

    /** The least latency, in ms, that at least this part of them did not exceed; 0 when there are none. */
    double quantileMillis(double part) {
        long all = 0;
        for (int at = 0; at < counts.length(); at++) {
            all += counts.get(at);
        }
        long wanted = (long) Math.ceil(all * part);
        long seen = 0;
        for (int at = 0; at < counts.length() && wanted > 0; at++) {
            seen += counts.get(at);
            if (seen >= wanted) {
                return millis(Math.min(upperBound(at), max.get()));
            }
        }
        return 0;
    }

    double maxMillis() {
        return millis(max.get());
    }

    /** Below 64 µs a bucket is a µs; above, each doubling has 64 buckets. */
    private static int bucket(long micros) {
        int shift = Math.max(0, Long.SIZE - STEPS_BITS - 1 - Long.numberOfLeadingZeros(micros));
        return shift * STEPS + (int) (micros >>> shift);
    }

    /** The last µs of a bucket. */
    private static long upperBound(int bucket) {
        int shift = Math.max(0, bucket / STEPS - 1);
        return (bucket - (long) shift * STEPS + 1 << shift) - 1;
    }

    private static double millis(long micros) {
        return micros / 1_000.0;
    }
}
