package org.pganalytics.storage;

import java.nio.ByteBuffer;
import java.util.BitSet;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;

/** One column of rows that stand one after the other in a buffer: a length and a value in each of them. */
sealed interface CopyColumn {
    int NULL = -1;

    /** Adds to each row's bytes what the column takes in it. */
    void addBytes(int[] bytes);

    /**
     * Writes the column into each row at its place, and moves the places behind it.
     *
     * @throws ArithmeticException when a value is out of the column's range
     */
    void write(ByteBuffer rows, int[] at);

    /** @throws ArithmeticException when the values are not of the column's type */
    static CopyColumn of(Column column, ColumnVector vector) {
        var values = values(column, vector);
        return isAllNull(vector) ? new Nulls(1) : values;
    }

    private static boolean isAllNull(ColumnVector vector) {
        return vector instanceof ColumnVector.Longs longs && longs.nulls().nextClearBit(0) >= vector.rows()
                || vector instanceof ColumnVector.Doubles doubles
                        && doubles.nulls().nextClearBit(0) >= vector.rows()
                || vector instanceof ColumnVector.Texts texts && texts.dictionary().length == 0;
    }

    private static CopyColumn values(Column column, ColumnVector vector) {
        if (vector instanceof ColumnVector.Longs longs) {
            switch (column.type()) {
                case BOOL:
                    return new Bools(longs.values(), longs.nulls());
                case INT4:
                    return new Ints(longs.values(), longs.nulls());
                case INT8:
                    return new Longs(longs.values(), longs.nulls(), 0);
                case TIMESTAMPTZ:
                    return new Longs(longs.values(), longs.nulls(), CopyEncoder.EPOCH_MICROS);
                default:
                    throw new ArithmeticException(
                            "integers in a column of " + column.type().sqlName());
            }
        }
        if (vector instanceof ColumnVector.Doubles doubles && column.type() == ColumnType.FLOAT8) {
            return new Doubles(doubles.values(), doubles.nulls());
        }
        if (vector instanceof ColumnVector.Texts texts && column.type() == ColumnType.TEXT) {
            return new Texts(texts.dictionary(), texts.indexes());
        }
        throw new ArithmeticException("column %s of type %s holds values of another type"
                .formatted(column.name(), column.type().sqlName()));
    }

    private static void addBytes(int[] bytes, int width, BitSet nulls) {
        for (int row = 0; row < bytes.length; row++) {
            bytes[row] += Integer.BYTES + width;
        }
        for (int row = nulls.nextSetBit(0); row >= 0; row = nulls.nextSetBit(row + 1)) {
            bytes[row] -= width;
        }
    }

    /** True when the row's value is null, which is written then. */
    private static boolean isNull(BitSet nulls, int row, ByteBuffer rows, int[] at) {
        if (!nulls.get(row)) {
            return false;
        }
        rows.putInt(at[row], NULL);
        at[row] += Integer.BYTES;
        return true;
    }

    /** Columns that stand side by side and have no value in any row. @param columns how many */
    record Nulls(int columns) implements CopyColumn {
        @Override
        public void addBytes(int[] bytes) {
            for (int row = 0; row < bytes.length; row++) {
                bytes[row] += columns * Integer.BYTES;
            }
        }

        @Override
        public void write(ByteBuffer rows, int[] at) {
            for (int row = 0; row < at.length; row++) {
                int place = at[row];
                int end = place + columns * Integer.BYTES;
                for (; place + Long.BYTES <= end; place += Long.BYTES) {
                    rows.putLong(place, NULL);
                }
                if (place < end) {
                    rows.putInt(place, NULL);
                }
                at[row] = end;
            }
        }
    }

    /** @param epoch what is taken from each value */
    record Longs(long[] values, BitSet nulls, long epoch) implements CopyColumn {
        @Override
        public void addBytes(int[] bytes) {
            CopyColumn.addBytes(bytes, Long.BYTES, nulls);
        }

        @Override
        public void write(ByteBuffer rows, int[] at) {
            boolean some = !nulls.isEmpty();
            for (int row = 0; row < at.length; row++) {
                if (!some || !isNull(nulls, row, rows, at)) {
                    rows.putInt(at[row], Long.BYTES);
                    rows.putLong(at[row] + Integer.BYTES, Math.subtractExact(values[row], epoch));
                    at[row] += Integer.BYTES + Long.BYTES;
                }
            }
        }
    }

    record Doubles(double[] values, BitSet nulls) implements CopyColumn {
        @Override
        public void addBytes(int[] bytes) {
            CopyColumn.addBytes(bytes, Double.BYTES, nulls);
        }

        @Override
        public void write(ByteBuffer rows, int[] at) {
            boolean some = !nulls.isEmpty();
            for (int row = 0; row < at.length; row++) {
                if (!some || !isNull(nulls, row, rows, at)) {
                    rows.putInt(at[row], Double.BYTES);
                    rows.putLong(at[row] + Integer.BYTES, Double.doubleToLongBits(values[row]));
                    at[row] += Integer.BYTES + Double.BYTES;
                }
            }
        }
    }

    record Ints(long[] values, BitSet nulls) implements CopyColumn {
        @Override
        public void addBytes(int[] bytes) {
            CopyColumn.addBytes(bytes, Integer.BYTES, nulls);
        }

        @Override
        public void write(ByteBuffer rows, int[] at) {
            for (int row = 0; row < at.length; row++) {
                if (!isNull(nulls, row, rows, at)) {
                    rows.putInt(at[row], Integer.BYTES);
                    rows.putInt(at[row] + Integer.BYTES, Math.toIntExact(values[row]));
                    at[row] += 2 * Integer.BYTES;
                }
            }
        }
    }

    record Bools(long[] values, BitSet nulls) implements CopyColumn {
        @Override
        public void addBytes(int[] bytes) {
            CopyColumn.addBytes(bytes, Byte.BYTES, nulls);
        }

        @Override
        public void write(ByteBuffer rows, int[] at) {
            for (int row = 0; row < at.length; row++) {
                if (!isNull(nulls, row, rows, at)) {
                    rows.putInt(at[row], Byte.BYTES);
                    rows.put(at[row] + Integer.BYTES, (byte) (values[row] == 0 ? 0 : 1));
                    at[row] += Integer.BYTES + Byte.BYTES;
                }
            }
        }
    }

    /** Values of a dictionary; an index below 0 is null. */
    record Texts(byte[][] dictionary, int[] indexes) implements CopyColumn {
        @Override
        public void addBytes(int[] bytes) {
            for (int row = 0; row < bytes.length; row++) {
                int length = indexes[row] < 0 ? 0 : dictionary[indexes[row]].length;
                bytes[row] = Math.addExact(bytes[row], Integer.BYTES + length);
            }
        }

        @Override
        public void write(ByteBuffer rows, int[] at) {
            for (int row = 0; row < at.length; row++) {
                boolean isNull = indexes[row] < 0;
                int length = isNull ? 0 : dictionary[indexes[row]].length;
                rows.putInt(at[row], isNull ? NULL : length);
                if (!isNull) {
                    rows.put(at[row] + Integer.BYTES, dictionary[indexes[row]]);
                }
                at[row] += Integer.BYTES + length;
            }
        }
    }
}
