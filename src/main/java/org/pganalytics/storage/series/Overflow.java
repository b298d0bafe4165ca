package org.pganalytics.storage.series;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;

/**
 * The folded series of one family of a collector, and what their counters grew by. Which of them come differs from block to
 * block, so a sum of their values would mean nothing; what each grew by since it came last can be added up.
 *
 * <p>For one thread at a time.
 */
final class Overflow {
    private final SeriesMemory.Share memory;
    private final long keepMicros;
    private final Map<String, RunningTotal> totals = new HashMap<>();
    private LastValues values;
    private long sweptAt = Long.MIN_VALUE;

    /** @param keepMicros how long a series that does not come is remembered when there is no room for others */
    Overflow(SeriesMemory.Share memory, long keepMicros) {
        this.memory = memory;
        this.keepMicros = keepMicros;
    }

    int followed() {
        return values == null ? 0 : values.size();
    }

    /**
     * Adds what the counters of a block's folded rows grew by.
     *
     * @param room how many series more may be followed
     * @return how many of the rows could not be followed
     */
    int follow(ColumnBlock block, BlockColumns columns, long[] series, BitSet folded, int room) {
        var total = total(block.target(), columns);
        if (total == null) {
            return folded.cardinality();
        }
        if (values == null) {
            values = new LastValues(memory, columns.counters().length);
        }
        total.begin(block.collectedAtMicros());
        int unfollowed = 0;
        int most = values.size() + room;
        for (int row = folded.nextSetBit(0); row >= 0; row = folded.nextSetBit(row + 1)) {
            int at = find(series[row], block.collectedAtMicros(), most);
            if (at < 0) {
                unfollowed++;
            } else if (block.collectedAtMicros() > values.time(at)) {
                add(block, columns, row, at, total);
            }
        }
        return unfollowed;
    }

    private RunningTotal total(String target, BlockColumns columns) {
        var known = totals.get(target);
        if (known == null && memory.take(RunningTotal.bytes(columns.counters().length))) {
            known = new RunningTotal(columns.types());
            totals.put(target, known);
        }
        return known;
    }

    /** Where a series stands, one that is new included; -1 when there is no room for it. */
    private int find(long hash, long micros, int most) {
        int at = values.find(hash);
        if (at < 0) {
            at = add(hash, most);
        }
        if (at < 0 && micros - keepMicros / 4 > sweptAt) {
            sweptAt = micros;
            values.dropBefore(micros - keepMicros);
            at = add(hash, most);
        }
        return at;
    }

    private int add(long hash, int most) {
        return values.size() < most ? values.add(hash) : -1;
    }

    private void add(ColumnBlock block, BlockColumns columns, int row, int at, RunningTotal total) {
        long since = since(block, columns.since(), row);
        boolean reset = since != Counters.UNKNOWN && values.since(at) != Counters.UNKNOWN && since > values.since(at);
        for (int counter = 0; counter < columns.counters().length; counter++) {
            long now = Counters.value(block, columns.counters()[counter], row);
            long before = values.value(at, counter);
            if (now == Counters.UNKNOWN) {
                continue;
            }
            total.has(counter);
            values.value(at, counter, now);
            if (before != Counters.UNKNOWN) {
                total.add(counter, Counters.increment(columns.types()[counter], before, now, reset));
            }
        }
        values.see(at, block.collectedAtMicros(), since);
    }

    private static long since(ColumnBlock block, int at, int row) {
        return at >= 0 && block.vectors().get(at) instanceof ColumnVector.Longs longs && !longs.isNull(row)
                ? longs.values()[row]
                : Counters.UNKNOWN;
    }

    /** A series has a row of its own again: what it grows by meanwhile is not for the total. */
    void forget(long hash) {
        int at = values == null ? -1 : values.find(hash);
        if (at >= 0) {
            values.forget(at);
        }
    }

    /** All blocks of a batch have come. */
    void end() {
        totals.values().forEach(RunningTotal::end);
    }

    /** The batch has been answered for: moments that cannot come again are forgotten. */
    void forgetOldest() {
        totals.values().forEach(RunningTotal::forgetOldest);
    }

    /** The counters of the row that a block's rows are folded into; null when they are not known. */
    long[] counters(ColumnBlock block) {
        var total = totals.get(block.target());
        return total == null ? null : total.at(block.collectedAtMicros());
    }
}
