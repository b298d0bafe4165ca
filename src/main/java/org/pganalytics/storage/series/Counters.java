package org.pganalytics.storage.series;

import java.util.Arrays;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;

/**
 * Values of a family's counters, each as a long: a float8 as its bits. What the query room makes of two values of a
 * counter is made here too: what it grew by, and after a reset all that it is.
 */
final class Counters {
    /** No value, or none that can be added up. */
    static final long UNKNOWN = Long.MIN_VALUE;

    private Counters() {}

    static long[] unknown(int counters) {
        var values = new long[counters];
        Arrays.fill(values, UNKNOWN);
        return values;
    }

    /** The value that stands in a block; UNKNOWN for a null, and where the block has no such column. */
    static long value(ColumnBlock block, int at, int row) {
        if (at < 0 || block.vectors().get(at).isNull(row)) {
            return UNKNOWN;
        }
        if (block.vectors().get(at) instanceof ColumnVector.Doubles doubles) {
            double value = doubles.values()[row];
            // Adding 0 makes of -0.0, whose bits mean UNKNOWN here, a 0.0.
            return Double.isFinite(value) ? Double.doubleToRawLongBits(value + 0.0) : UNKNOWN;
        }
        return block.vectors().get(at) instanceof ColumnVector.Longs longs ? longs.values()[row] : UNKNOWN;
    }

    /** What it grew by. @param reset whether the row says that it began again */
    static long increment(ColumnType type, long before, long now, boolean reset) {
        if (type == ColumnType.FLOAT8) {
            double last = Double.longBitsToDouble(before);
            double next = Double.longBitsToDouble(now);
            double grown = reset || next < last ? next : next - last;
            return Double.doubleToRawLongBits(grown > 0 && Double.isFinite(grown) ? grown : 0);
        }
        // A difference that does not fit is negative: it is of numbers that count nothing.
        return Math.max(0, reset || now < before ? now : now - before);
    }

    /** A total that would leave its type begins anew, with all of the increment: so a reader takes it, too. */
    static long sum(ColumnType type, long total, long increment) {
        if (type == ColumnType.FLOAT8) {
            double sum = Double.longBitsToDouble(total) + Double.longBitsToDouble(increment);
            return Double.isFinite(sum) ? Double.doubleToRawLongBits(sum) : increment;
        }
        long max = type == ColumnType.INT4 ? Integer.MAX_VALUE : Long.MAX_VALUE;
        return total > max - increment ? increment : total + increment;
    }
}
