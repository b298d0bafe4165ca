package org.pganalytics.ops;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;

/** What this server settled over the last minute. Thread-safe. */
public final class IngestPulse {
    private static final int SECONDS = 60;
    private static final int COUNTS = 4;
    private static final long NANOS = 1_000_000_000L;

    private final LongSupplier nanoClock;
    private final long startedAt;
    private final long[] seconds = new long[SECONDS];
    private final long[][] counts = new long[SECONDS][COUNTS];

    /**
     * @param rowsPerSecond stored; this and the next two over the last minute, or since the start when that is less
     * @param ackMilliseconds from a batch's arrival to its commit, on average; empty without batches
     */
    public record Rates(
            double rowsPerSecond, double batchesPerSecond, double refusedPerSecond, OptionalDouble ackMilliseconds) {}

    /** @param nanoClock monotonic time in nanoseconds */
    public IngestPulse(Bus bus, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.startedAt = nanoClock.getAsLong();
        Arrays.fill(seconds, -1);
        bus.on(Event.BatchStored.class, event -> add(event.rows(), 1, 0, event.ackMicros()));
        bus.on(Event.BatchRefused.class, event -> add(0, 0, 1, 0));
    }

    private synchronized void add(long rows, long batches, long refused, long ackMicros) {
        long now = second();
        int slot = (int) (now % SECONDS);
        if (seconds[slot] != now) {
            seconds[slot] = now;
            Arrays.fill(counts[slot], 0);
        }
        counts[slot][0] += rows;
        counts[slot][1] += batches;
        counts[slot][2] += refused;
        counts[slot][3] += ackMicros;
    }

    public synchronized Rates rates() {
        long now = second();
        var sums = new long[COUNTS];
        for (int slot = 0; slot < SECONDS; slot++) {
            if (seconds[slot] >= 0 && seconds[slot] > now - SECONDS) {
                for (int i = 0; i < COUNTS; i++) {
                    sums[i] += counts[slot][i];
                }
            }
        }
        double over = Math.min(SECONDS, now + 1);
        return new Rates(
                sums[0] / over,
                sums[1] / over,
                sums[2] / over,
                sums[1] == 0 ? OptionalDouble.empty() : OptionalDouble.of(sums[3] / 1_000.0 / sums[1]));
    }

    private long second() {
        return (nanoClock.getAsLong() - startedAt) / NANOS;
    }
}
