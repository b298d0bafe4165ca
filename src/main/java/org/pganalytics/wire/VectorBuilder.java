package org.pganalytics.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;

/** Collects the values of one column as rows of JSON come in. */
sealed interface VectorBuilder {
    /** Adds the current token's value, null included. */
    void add(JsonIn in);

    ColumnVector build();

    static VectorBuilder of(Column column) {
        return column.type() == ColumnType.TEXT ? new OfTexts(column) : new OfNumbers(column);
    }

    /** Values of 8 bytes: bool, int4, int8 and timestamptz as they are, float8 as its bits. */
    final class OfNumbers implements VectorBuilder {
        private final Column column;
        private final BitSet nulls = new BitSet();
        private long[] bits = new long[16];
        private int rows;

        OfNumbers(Column column) {
            this.column = column;
        }

        @Override
        public void add(JsonIn in) {
            if (rows == bits.length) {
                bits = Arrays.copyOf(bits, 2 * rows);
            }
            if (in.isNull()) {
                nulls.set(rows);
            } else {
                bits[rows] = value(in);
            }
            rows++;
        }

        private long value(JsonIn in) {
            var name = column.name();
            return switch (column.type()) {
                case BOOL -> in.bool(name) ? 1 : 0;
                case FLOAT8 -> Double.doubleToRawLongBits(in.float8(name));
                case TIMESTAMPTZ -> inRange(in, in.timestamptz(name));
                default -> inRange(in, in.int8(name));
            };
        }

        private long inRange(JsonIn in, long value) {
            if (!VectorReader.isInRange(column.type(), value)) {
                throw in.bad("%s: %d is no %s"
                        .formatted(column.name(), value, column.type().sqlName()));
            }
            return value;
        }

        @Override
        public ColumnVector build() {
            return column.type() == ColumnType.FLOAT8
                    ? new ColumnVector.Doubles(
                            Arrays.stream(bits, 0, rows)
                                    .mapToDouble(Double::longBitsToDouble)
                                    .toArray(),
                            nulls)
                    : new ColumnVector.Longs(Arrays.copyOf(bits, rows), nulls);
        }
    }

    /** text. */
    final class OfTexts implements VectorBuilder {
        private final Column column;
        private final List<byte[]> dictionary = new ArrayList<>();
        private final Map<String, Integer> indexByText = new HashMap<>();
        private int[] indexes = new int[16];
        private int rows;

        OfTexts(Column column) {
            this.column = column;
        }

        @Override
        public void add(JsonIn in) {
            if (rows == indexes.length) {
                indexes = Arrays.copyOf(indexes, 2 * rows);
            }
            indexes[rows++] = in.isNull() ? -1 : index(in);
        }

        private int index(JsonIn in) {
            var text = in.text(column.name());
            var known = indexByText.get(text);
            if (known != null) {
                return known;
            }
            var bytes = Utf8.utf8OrNull(text);
            if (bytes == null || !Utf8.isText(bytes, 0, bytes.length)) {
                throw in.bad(column.name() + " has a NUL character or half a surrogate pair");
            }
            dictionary.add(bytes);
            indexByText.put(text, dictionary.size() - 1);
            return dictionary.size() - 1;
        }

        @Override
        public ColumnVector build() {
            return new ColumnVector.Texts(dictionary.toArray(byte[][]::new), Arrays.copyOf(indexes, rows));
        }
    }
}
