package org.pganalytics.wire.v3;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;

/**
 * The values of one column as they come in, converted to its type where that loses nothing. A row that got no value
 * has null. What takes memory takes it for values, not for rows.
 */
final class Cells {
    private static final int FIRST = 8;
    /** What a text takes beside its bytes: array, String, map entry. */
    private static final int TEXT_BYTES = 120;

    private final ColumnType type;
    private final BitSet present = new BitSet();
    private long[] longs = new long[0];
    private List<byte[]> dictionary;
    private Map<String, Integer> indexes;
    private long bytes;

    Cells(Column column) {
        this.type = column.type();
    }

    /**
     * Returns false when the value is none of the column's type: then the row has null.
     *
     * @param value a String, Long, Double or Boolean
     */
    boolean put(int row, Object value) {
        if (value instanceof Long number) {
            return put(row, number.longValue());
        }
        if (value instanceof Double number) {
            return put(row, number.doubleValue());
        }
        return value instanceof Boolean truth ? put(row, truth.booleanValue()) : put(row, (String) value);
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

    private boolean put(int row, String value) {
        if (type == ColumnType.TEXT) {
            return putText(row, value);
        }
        // Absent, as these collectors write it.
        return value.isEmpty() || putNumber(row, value.strip());
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
        if (indexes == null) {
            indexes = new HashMap<>();
            dictionary = new ArrayList<>();
        }
        var known = indexes.get(value);
        if (known == null) {
            known = dictionary.size();
            // PostgreSQL takes no NUL; half a surrogate pair becomes a question mark.
            dictionary.add(value.replace('\0', '\uFFFD').getBytes(StandardCharsets.UTF_8));
            indexes.put(value, known);
            bytes += TEXT_BYTES + 2L * value.length();
        }
        return set(row, known);
    }

    private boolean set(int row, long value) {
        if (row >= longs.length) {
            int length = Math.max(FIRST, Math.max(row + 1, longs.length * 2));
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
        return bytes;
    }

    /** The text of a row; empty when it has none. */
    String text(int row) {
        return present.get(row) ? new String(dictionary.get((int) longs[row]), StandardCharsets.UTF_8) : "";
    }

    /** The values of rows from, including, to, excluding. */
    ColumnVector vector(int from, int to) {
        var values = Arrays.copyOfRange(longs, Math.min(from, longs.length), Math.min(to, longs.length));
        values = values.length == to - from ? values : Arrays.copyOf(values, to - from);
        var absent = present.get(from, to);
        absent.flip(0, to - from);
        for (int row = absent.nextSetBit(0); row >= 0; row = absent.nextSetBit(row + 1)) {
            values[row] = 0;
        }
        return switch (type) {
            case TEXT -> texts(values, absent);
            case FLOAT8 ->
                new ColumnVector.Doubles(
                        Arrays.stream(values)
                                .mapToDouble(Double::longBitsToDouble)
                                .toArray(),
                        absent);
            default -> new ColumnVector.Longs(values, absent);
        };
    }

    private ColumnVector texts(long[] values, BitSet absent) {
        var used = new ArrayList<byte[]>();
        var places = new HashMap<Long, Integer>();
        var chosen = new int[values.length];
        for (int row = 0; row < values.length; row++) {
            if (absent.get(row)) {
                chosen[row] = -1;
            } else {
                chosen[row] = places.computeIfAbsent(values[row], index -> {
                    used.add(dictionary.get(index.intValue()));
                    return used.size() - 1;
                });
            }
        }
        return new ColumnVector.Texts(used.toArray(byte[][]::new), chosen);
    }
}
