package org.pganalytics.storage.series;

import java.util.TreeMap;
import org.pganalytics.model.ColumnType;

/**
 * What the counters of a target's folded series grew by, added up. What was said of a moment is said again when its rows
 * come again, as they do when a transaction failed: no increment is counted twice, and none under another time.
 */
final class RunningTotal {
    /** Moments remembered: at least those of the batches that a collector may have in flight. */
    static final int MOMENTS_MAX = 64;

    private final ColumnType[] types;
    private final long[] sums;
    private final TreeMap<Long, long[]> said = new TreeMap<>();
    private long moment = Long.MIN_VALUE;

    RunningTotal(ColumnType[] types) {
        this.types = types;
        this.sums = Counters.unknown(types.length);
    }

    /** About what one takes in memory. */
    static long bytes(int counters) {
        return (MOMENTS_MAX + 2L) * (64 + (long) counters * Long.BYTES);
    }

    /** Rows of this moment come now: what was added before belongs to the moments before it. */
    void begin(long micros) {
        if (micros > moment) {
            end();
            moment = micros;
        }
    }

    /** The present moment is over, as far as it has come. */
    void end() {
        if (moment != Long.MIN_VALUE && !said.containsKey(moment)) {
            said.put(moment, sums.clone());
        }
    }

    /** That a folded series has a value there. */
    void has(int counter) {
        if (sums[counter] == Counters.UNKNOWN) {
            sums[counter] = 0;
        }
    }

    void add(int counter, long increment) {
        sums[counter] = Counters.sum(types[counter], sums[counter], increment);
    }

    /** The totals of a moment, or of the last one before it that is remembered; else null. */
    long[] at(long micros) {
        var found = said.floorEntry(micros);
        return found == null ? null : found.getValue();
    }

    void forgetOldest() {
        while (said.size() > MOMENTS_MAX) {
            said.pollFirstEntry();
        }
    }
}
