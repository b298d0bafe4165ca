package org.pganalytics.wire;

import java.util.BitSet;
import org.pganalytics.model.ColumnVector;

/** One column of a block to bytes: which rows are null, then the values of the others. */
final class VectorWriter {
    private final BytesOut out;

    VectorWriter(BytesOut out) {
        this.out = out;
    }

    void write(ColumnVector vector) {
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
            IntColumn.write(count == rows ? longs.values() : dense(longs.values(), nulls, count), count, out);
        } else if (vector instanceof ColumnVector.Doubles doubles) {
            FloatColumn.write(count == rows ? doubles.values() : dense(doubles.values(), nulls, count), count, out);
        } else {
            TextColumn.write((ColumnVector.Texts) vector, out);
        }
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
        var dense = new long[count];
        int to = 0;
        for (int row = nulls.nextClearBit(0); to < count; row = nulls.nextClearBit(row + 1)) {
            dense[to++] = values[row];
        }
        return dense;
    }

    private static double[] dense(double[] values, BitSet nulls, int count) {
        var dense = new double[count];
        int to = 0;
        for (int row = nulls.nextClearBit(0); to < count; row = nulls.nextClearBit(row + 1)) {
            dense[to++] = values[row];
        }
        return dense;
    }
}
