package org.pganalytics.wire;

import java.util.BitSet;
import org.pganalytics.model.ColumnVector;

/** One column of a block to bytes: which rows are null, then the values of the others. */
final class VectorWriter {
    private static final int COLUMNS_TRIED = 8;
    private static final int BITS_OF_TWO_BYTES = 16;

    private final BytesOut out;
    private final Beside beside;

    /** @param beside for one block; null: its columns are not modelled */
    VectorWriter(BytesOut out, Beside beside) {
        this.out = out;
        this.beside = beside;
    }

    /** @param before the same column of the block before, of as many rows; or null */
    void write(ColumnVector vector, ColumnVector before) {
        if (beside == null) {
            writeColumn(vector, before);
            return;
        }
        beside.enter(before, nulls(vector), vector.rows());
        writeColumn(vector, before);
        beside.leave(vector);
    }

    private void writeColumn(ColumnVector vector, ColumnVector before) {
        if (vector.equals(before)) {
            out.u8(Encoding.SAME);
            return;
        }
        int rows = vector.rows();
        var nulls = nulls(vector);
        int count = rows - nulls.cardinality();
        if (count == 0) {
            out.u8(Encoding.ONLY_NULLS);
            return;
        }
        out.u8(count == rows ? Encoding.NO_NULLS : Encoding.SOME_NULLS);
        if (count < rows) {
            var bitmap = nulls.toByteArray();
            out.bytes(bitmap).room((rows + 7) / 8 - bitmap.length);
        }
        if (vector instanceof ColumnVector.Longs longs) {
            write(longs.values(), nulls, count, (ColumnVector.Longs) before);
        } else if (vector instanceof ColumnVector.Doubles doubles) {
            write(doubles.values(), nulls, count, (ColumnVector.Doubles) before);
        } else {
            TextColumn.write((ColumnVector.Texts) vector, out);
        }
    }

    private void write(long[] values, BitSet nulls, int count, ColumnVector.Longs before) {
        var dense = dense(values, nulls, count);
        if (beside != null) {
            writeBeside(dense, count);
            return;
        }
        if (before != null) {
            var changes = changes(dense, dense(before.values(), nulls, count));
            if (IntColumn.estimate(changes, count) < IntColumn.estimate(dense, count)) {
                IntColumn.write(changes, count, out.u8(Encoding.SINCE), null);
                return;
            }
        }
        IntColumn.write(dense, count, out, null);
    }

    /** Each value itself, or what it differs by from a column nearby: what has the fewest bits. */
    private void writeBeside(long[] dense, int count) {
        int best = 0;
        var shortest = dense;
        long least = IntColumn.bits(dense, count);
        for (int tried = -1; tried <= COLUMNS_TRIED && least > 0; tried++) {
            int back = tried == -1 ? Beside.ROW_BEFORE : tried == 0 ? Beside.BEFORE : tried;
            var changes = beside.drafts().tried(count);
            boolean found = change(dense, count, back, changes);
            long bits = found ? IntColumn.bits(changes, count) + BITS_OF_TWO_BYTES : Long.MAX_VALUE;
            if (bits < least) {
                best = back;
                shortest = changes;
                least = bits;
                beside.drafts().choose();
            }
        }
        say(best);
        IntColumn.write(shortest, count, out, beside);
    }

    /** @param back what the numbers are differences from; 0: from nothing */
    private void say(int back) {
        if (back == Beside.BEFORE) {
            out.u8(Encoding.SINCE);
        } else if (back > 0) {
            out.u8(Encoding.BESIDE).u8(back);
        }
    }

    /** @return whether there is such a column */
    private boolean change(long[] dense, int count, int back, long[] changes) {
        if (back == Beside.ROW_BEFORE) {
            long earlier = 0;
            for (int row = 0; row < count; row++) {
                changes[row] = dense[row] - earlier;
                earlier = dense[row];
            }
            return true;
        }
        var others = beside.numbers(back);
        for (int row = 0; others != null && row < count; row++) {
            changes[row] = dense[row] - others[row];
        }
        return others != null;
    }

    private static long[] changes(long[] values, long[] others) {
        var changes = new long[values.length];
        for (int row = 0; row < values.length; row++) {
            changes[row] = values[row] - others[row];
        }
        return changes;
    }

    private void write(double[] values, BitSet nulls, int count, ColumnVector.Doubles before) {
        if (before != null && beside == null) {
            var changes = new long[values.length];
            int unchanged = 0;
            for (int row = 0; row < values.length; row++) {
                changes[row] =
                        Double.doubleToRawLongBits(values[row]) ^ Double.doubleToRawLongBits(before.values()[row]);
                unchanged += changes[row] == 0 ? 1 : 0;
            }
            if (unchanged > values.length / 4) {
                FloatColumn.writePlanes(dense(changes, nulls, count), out.u8(Encoding.SINCE));
                return;
            }
        }
        FloatColumn.write(dense(values, nulls, count), count, out, beside);
    }

    private static BitSet nulls(ColumnVector vector) {
        if (vector instanceof ColumnVector.Longs longs) {
            return longs.nulls();
        }
        if (vector instanceof ColumnVector.Doubles doubles) {
            return doubles.nulls();
        }
        var nulls = new BitSet();
        for (int row = 0; row < vector.rows(); row++) {
            if (vector.isNull(row)) {
                nulls.set(row);
            }
        }
        return nulls;
    }

    private static long[] dense(long[] values, BitSet nulls, int count) {
        if (count == values.length) {
            return values;
        }
        var dense = new long[count];
        int to = 0;
        for (int row = nulls.nextClearBit(0); to < count; row = nulls.nextClearBit(row + 1)) {
            dense[to++] = values[row];
        }
        return dense;
    }

    private static double[] dense(double[] values, BitSet nulls, int count) {
        if (count == values.length) {
            return values;
        }
        var dense = new double[count];
        int to = 0;
        for (int row = nulls.nextClearBit(0); to < count; row = nulls.nextClearBit(row + 1)) {
            dense[to++] = values[row];
        }
        return dense;
    }
}
