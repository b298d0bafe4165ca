package org.pganalytics.wire.v3;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;

/**
 * The values of one column as they come in, converted to its type where that loses nothing. A row that got no value
 * has null. What takes memory takes it for values, not for rows.
 */
final class Cells {
    private static final int FIRST = 8;

    private final ColumnType type;
    private final int expected;
    private final BitSet present = new BitSet();
    private long[] longs = new long[0];
    private Dictionary dictionary;
    private long bytes;

    /** @param expected how many rows there may be, if it gets values at all; a guess */
    Cells(Column column, int expected) {
        this.type = column.type();
        this.expected = Math.max(FIRST, expected);
    }

    /** Returns false when the value, which is not nothing, is none of the column's type: then the row has null. */
    boolean put(int row, Scalar value) {
        return switch (value.kind()) {
            case WHOLE -> put(row, value.whole());
            case FRACTION -> put(row, value.fraction());
            case TRUTH -> put(row, value.truth());
            case TEXT -> putText(row, value);
            case NOTHING -> true;
        };
    }

    private boolean put(int row, long value) {
        return switch (type) {
            case TEXT -> putText(row, Long.toString(value));
            case FLOAT8 -> set(row, Double.doubleToRawLongBits(value));
            case INT8 -> set(row, value);
            case INT4 -> value == (int) value && set(row, value);
            case BOOL -> (value == 0 || value == 1) && set(row, value);
            case TIMESTAMPTZ -> false;
        };
    }

    private boolean put(int row, double value) {
        return switch (type) {
            case TEXT -> putText(row, Double.toString(value));
            case FLOAT8 -> set(row, Double.doubleToRawLongBits(value));
            // A long out of range is one that casting a double would have bent.
            case INT8, INT4 -> Math.abs(value) < 0x1p62 && put(row, Math.round(value));
            case BOOL, TIMESTAMPTZ -> false;
        };
    }

    private boolean put(int row, boolean value) {
        return type == ColumnType.TEXT
                ? putText(row, Boolean.toString(value))
                : type == ColumnType.BOOL && set(row, value ? 1 : 0);
    }

    private boolean putText(int row, Scalar value) {
        if (type == ColumnType.TEXT) {
            return putText(row, value.bytes(), value.from(), value.to());
        }
        // Absent, as these collectors write it.
        return value.from() == value.to() || putNumber(row, value.toString().strip());
    }

    private boolean putNumber(int row, String value) {
        if (type == ColumnType.TIMESTAMPTZ) {
            var micros = PgTime.micros(value);
            return micros.isPresent() && set(row, micros.getAsLong());
        }
        if (type == ColumnType.BOOL) {
            return List.of("t", "true", "f", "false").contains(value) && set(row, value.startsWith("t") ? 1 : 0);
        }
        try {
            return type == ColumnType.FLOAT8 ? put(row, Double.parseDouble(value)) : put(row, Long.parseLong(value));
        } catch (NumberFormatException notANumber) {
            return false;
        }
    }

    private boolean putText(int row, String value) {
        var utf8 = value.getBytes(StandardCharsets.UTF_8);
        return putText(row, utf8, 0, utf8.length);
    }

    private boolean putText(int row, byte[] utf8, int from, int to) {
        if (dictionary == null) {
            dictionary = new Dictionary();
        }
        return set(row, dictionary.number(utf8, from, to));
    }

    private boolean set(int row, long value) {
        if (row >= longs.length) {
            int length = Math.max(expected, Math.max(row + 1, longs.length * 2));
            bytes += 8L * (length - longs.length);
            longs = Arrays.copyOf(longs, length);
        }
        longs[row] = value;
        present.set(row);
        return true;
    }

    /** Takes back what was put into a row. */
    void clear(int row) {
        present.clear(row);
    }

    /** About what it holds of memory. */
    long bytes() {
        return bytes + (dictionary == null ? 0 : dictionary.bytes());
    }

    /** The text of a row; empty when it has none. */
    String text(int row) {
        return present.get(row) ? new String(dictionary.text((int) longs[row]), StandardCharsets.UTF_8) : "";
    }

    /** The values of rows from, including, to, excluding. @param none what a column without any of so many rows is */
    ColumnVector vector(int from, int to, NoValues none) {
        int first = present.nextSetBit(from);
        if (first < 0 || first >= to) {
            return none.of(type);
        }
        if (present.nextClearBit(from) >= to) {
            return vector(Arrays.copyOfRange(longs, from, to), none.nulls());
        }
        var values = new long[to - from];
        for (int row = first; row >= 0 && row < to; row = present.nextSetBit(row + 1)) {
            values[row - from] = longs[row];
        }
        var absent = present.get(from, to);
        absent.flip(0, to - from);
        return vector(values, absent);
    }

    private ColumnVector vector(long[] values, BitSet absent) {
        return switch (type) {
            case TEXT -> texts(values, absent);
            case FLOAT8 -> new ColumnVector.Doubles(doubles(values), absent);
            case INT4, INT8, BOOL, TIMESTAMPTZ -> new ColumnVector.Longs(values, absent);
        };
    }

    /** Those of absent rows come as 0, and are it. */
    private static double[] doubles(long[] bits) {
        var values = new double[bits.length];
        for (int row = 0; row < bits.length; row++) {
            values[row] = Double.longBitsToDouble(bits[row]);
        }
        return values;
    }

    private ColumnVector texts(long[] values, BitSet absent) {
        var used = new ArrayList<byte[]>();
        var places = new int[dictionary == null ? 0 : dictionary.size()];
        var chosen = new int[values.length];
        for (int row = 0; row < values.length; row++) {
            int number = (int) values[row];
            if (absent.get(row)) {
                chosen[row] = -1;
            } else {
                if (places[number] == 0) {
                    used.add(dictionary.text(number));
                    places[number] = used.size();
                }
                chosen[row] = places[number] - 1;
            }
        }
        return new ColumnVector.Texts(used.toArray(byte[][]::new), chosen);
    }
}
