package org.pganalytics.wire;

import java.util.Arrays;
import java.util.BitSet;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;

/** One column of a block from bytes, its values checked against the column's type. */
final class VectorReader {
    /** The first moment that PostgreSQL's timestamptz knows (4714-11-24 BC), in µs since 1970. */
    static final long TIMESTAMP_MIN = -210_866_803_200_000_000L;

    private final BytesIn in;
    private final Beside beside;

    /** @param beside for one block */
    VectorReader(BytesIn in, Beside beside) {
        this.in = in;
        this.beside = beside;
    }

    /**
     * @param rows which the caller has found to be allowed
     * @param before the same column of the block before, of as many rows; or null
     */
    ColumnVector read(Column column, int rows, ColumnVector before) {
        var vector = readColumn(column, rows, before);
        beside.leave(vector);
        return vector;
    }

    private ColumnVector readColumn(Column column, int rows, ColumnVector before) {
        int kind = in.u8();
        switch (kind) {
            case Encoding.NO_NULLS:
                return read(column, new BitSet(), rows, before);
            case Encoding.SOME_NULLS:
                return read(column, bitmap(rows), rows, before);
            case Encoding.ONLY_NULLS:
                return onlyNulls(column.type(), rows);
            case Encoding.SAME:
                return following(before);
            default:
                throw in.bad("kind of nulls %d is not known".formatted(kind));
        }
    }

    static boolean isInRange(ColumnType type, long value) {
        return switch (type) {
            case BOOL -> value == 0 || value == 1;
            case INT4 -> value == (int) value;
            case TIMESTAMPTZ -> value >= TIMESTAMP_MIN;
            default -> true;
        };
    }

    private BitSet bitmap(int rows) {
        int length = (rows + 7) / 8;
        int at = in.take(length, "a bitmap of nulls");
        var nulls = BitSet.valueOf(Arrays.copyOfRange(in.array(), at, at + length));
        int count = nulls.cardinality();
        if (nulls.length() > rows || count == 0 || count == rows) {
            throw in.bad("a bitmap of %d nulls in %d rows, or with bits after the last row".formatted(count, rows));
        }
        return nulls;
    }

    private ColumnVector read(Column column, BitSet nulls, int rows, ColumnVector before) {
        int count = rows - nulls.cardinality();
        beside.enter(before, nulls, rows);
        switch (column.type()) {
            case FLOAT8:
                return new ColumnVector.Doubles(doubles(nulls, rows, before), nulls);
            case TEXT:
                var texts = TextColumn.read(count, in);
                return count == rows
                        ? texts
                        : new ColumnVector.Texts(texts.dictionary(), spread(texts.indexes(), nulls, rows));
            default:
                var longs = longs(nulls, rows);
                check(column, longs);
                return new ColumnVector.Longs(longs, nulls);
        }
    }

    private long[] longs(BitSet nulls, int rows) {
        int count = rows - nulls.cardinality();
        int encoding = in.u8();
        if (encoding != Encoding.SINCE && encoding != Encoding.BESIDE) {
            return spread(IntColumn.read(encoding, count, in, beside), nulls, rows);
        }
        int back = encoding == Encoding.SINCE ? Beside.BEFORE : in.u8();
        if (back == Beside.ROW_BEFORE) {
            return spread(sums(IntColumn.read(count, in, beside)), nulls, rows);
        }
        var others = beside.numbers(back);
        if (others == null) {
            throw in.bad("column %d before this one is no column of integers".formatted(back));
        }
        var values = IntColumn.read(count, in, beside);
        for (int at = 0; at < count; at++) {
            values[at] += others[at];
        }
        return spread(values, nulls, rows);
    }

    private static long[] sums(long[] differences) {
        for (int at = 1; at < differences.length; at++) {
            differences[at] += differences[at - 1];
        }
        return differences;
    }

    private double[] doubles(BitSet nulls, int rows, ColumnVector before) {
        int count = rows - nulls.cardinality();
        int encoding = in.u8();
        if (encoding != Encoding.SINCE) {
            return spread(FloatColumn.read(encoding, count, in, beside), nulls, rows);
        }
        var earlier = ((ColumnVector.Doubles) following(before)).values();
        var bits = spread(FloatColumn.readPlanes(count, in), nulls, rows);
        var values = new double[rows];
        for (int row = nulls.nextClearBit(0); row < rows; row = nulls.nextClearBit(row + 1)) {
            values[row] = Double.longBitsToDouble(bits[row] ^ Double.doubleToRawLongBits(earlier[row]));
        }
        return values;
    }

    private ColumnVector following(ColumnVector before) {
        if (before == null) {
            throw in.bad("a column refers to the block before, but its block stands alone");
        }
        return before;
    }

    private void check(Column column, long[] values) {
        for (long value : values) {
            if (!isInRange(column.type(), value)) {
                throw in.bad("column %s: %d is no %s"
                        .formatted(column.name(), value, column.type().sqlName()));
            }
        }
    }

    private static ColumnVector onlyNulls(ColumnType type, int rows) {
        var nulls = new BitSet();
        if (type == ColumnType.TEXT) {
            var indexes = new int[rows];
            Arrays.fill(indexes, -1);
            return new ColumnVector.Texts(new byte[0][], indexes);
        }
        nulls.set(0, rows);
        return type == ColumnType.FLOAT8
                ? new ColumnVector.Doubles(new double[rows], nulls)
                : new ColumnVector.Longs(new long[rows], nulls);
    }

    private static long[] spread(long[] dense, BitSet nulls, int rows) {
        if (dense.length == rows) {
            return dense;
        }
        var values = new long[rows];
        spread(dense, values, nulls, rows);
        return values;
    }

    private static double[] spread(double[] dense, BitSet nulls, int rows) {
        if (dense.length == rows) {
            return dense;
        }
        var values = new double[rows];
        spread(dense, values, nulls, rows);
        return values;
    }

    private static int[] spread(int[] dense, BitSet nulls, int rows) {
        var values = new int[rows];
        Arrays.fill(values, -1);
        spread(dense, values, nulls, rows);
        return values;
    }

    /** Arrays of one type: what stands between two nulls at a time, since nulls are few where there are any. */
    private static void spread(Object dense, Object values, BitSet nulls, int rows) {
        int from = 0;
        for (int row = nulls.nextClearBit(0); row < rows; ) {
            int next = nulls.nextSetBit(row);
            int end = next < 0 ? rows : next;
            System.arraycopy(dense, from, values, row, end - row);
            from += end - row;
            row = nulls.nextClearBit(end);
        }
    }
}
