package org.pganalytics.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/** The values of one column of a block, as primitives. The arrays are handed over: nobody writes to them afterwards. */
public sealed interface ColumnVector {
    int rows();

    boolean isNull(int row);

    /** Values of bool (0 or 1), int4, int8 and timestamptz (µs since 1970); a null's value is 0. */
    record Longs(long[] values, BitSet nulls) implements ColumnVector {
        @Override
        public int rows() {
            return values.length;
        }

        @Override
        public boolean isNull(int row) {
            return nulls.get(row);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Longs that && Arrays.equals(values, that.values) && nulls.equals(that.nulls);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }

    /** Values of float8, NaN and infinities included; a null's value is 0. */
    record Doubles(double[] values, BitSet nulls) implements ColumnVector {
        @Override
        public int rows() {
            return values.length;
        }

        @Override
        public boolean isNull(int row) {
            return nulls.get(row);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Doubles that && Arrays.equals(values, that.values) && nulls.equals(that.nulls);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }

    /**
     * Values of text.
     *
     * @param dictionary distinct values in UTF-8, none with a NUL byte (PostgreSQL takes none)
     * @param indexes into the dictionary, one a row; -1 is null
     */
    record Texts(byte[][] dictionary, int[] indexes) implements ColumnVector {
        @Override
        public int rows() {
            return indexes.length;
        }

        @Override
        public boolean isNull(int row) {
            return indexes[row] < 0;
        }

        /** What the values take written out, row by row: a text of the dictionary may stand in every row. */
        public long bytesOfAllRows() {
            long bytes = 0;
            for (int index : indexes) {
                bytes += index < 0 ? 0 : dictionary[index].length;
            }
            return bytes;
        }

        public String text(int row) {
            return new String(dictionary[indexes[row]], StandardCharsets.UTF_8);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Texts that && rows() == that.rows() && sameTexts(that);
        }

        private boolean sameTexts(Texts that) {
            for (int row = 0; row < indexes.length; row++) {
                if (isNull(row) != that.isNull(row)
                        || !isNull(row)
                                && !Arrays.equals(dictionary[indexes[row]], that.dictionary[that.indexes[row]])) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            int hash = 1;
            for (int row = 0; row < indexes.length; row++) {
                hash = 31 * hash + (isNull(row) ? 0 : Arrays.hashCode(dictionary[indexes[row]]));
            }
            return hash;
        }
    }
}
