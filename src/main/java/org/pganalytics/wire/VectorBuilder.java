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
        return switch (column.type()) {
            case TEXT -> new OfTexts(column);
            case FLOAT8 -> new OfDoubles(column);
            default -> new OfLongs(column);
        };
    }

    /** bool, int4, int8 and timestamptz. */
    final class OfLongs implements VectorBuilder {
        private final Column column;
        private final BitSet nulls = new BitSet();
        private long[] values = new long[16];
        private int rows;

        OfLongs(Column column) {
            this.column = column;
        }

        @Override
        public void add(JsonIn in) {
            if (rows == values.length) {
                values = Arrays.copyOf(values, 2 * rows);
            }
            if (in.isNull()) {
                nulls.set(rows);
            } else {
                values[rows] = value(in);
            }
            rows++;
        }

        private long value(JsonIn in) {
            var name = column.name();
            if (column.type() == ColumnType.BOOL) {
                return in.bool(name) ? 1 : 0;
            }
            long value = column.type() == ColumnType.TIMESTAMPTZ ? in.timestamptz(name) : in.int8(name);
            if (!VectorReader.isInRange(column.type(), value)) {
                throw in.bad(
                        "%s: %d is no %s".formatted(name, value, column.type().sqlName()));
            }
            return value;
        }

        @Override
        public ColumnVector build() {
            return new ColumnVector.Longs(Arrays.copyOf(values, rows), nulls);
        }
    }

    /** float8. */
    final class OfDoubles implements VectorBuilder {
        private final Column column;
        private final BitSet nulls = new BitSet();
        private double[] values = new double[16];
        private int rows;

        OfDoubles(Column column) {
            this.column = column;
        }

        @Override
        public void add(JsonIn in) {
            if (rows == values.length) {
                values = Arrays.copyOf(values, 2 * rows);
            }
            if (in.isNull()) {
                nulls.set(rows);
            } else {
                values[rows] = in.float8(column.name());
            }
            rows++;
        }

        @Override
        public ColumnVector build() {
            return new ColumnVector.Doubles(Arrays.copyOf(values, rows), nulls);
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
