package org.pganalytics.collector;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;

/** Turns rows into a block; a column that they do not have is NULL throughout. */
final class FamilyRows {
    private static final OffsetDateTime EPOCH = OffsetDateTime.parse("1970-01-01T00:00:00Z");
    /** What PostgreSQL's timestamps can hold, so that infinity has a place. */
    private static final long LATEST_MICROS = 9_223_371_331_200_000_000L - 946_684_800_000_000L;

    private FamilyRows() {}

    /** Empty when there are no rows. @throws ClassCastException when a column cannot be taken as its type */
    static Optional<ColumnBlock> block(FamilySchema schema, String target, long atMicros, RowSet<Row> found) {
        var rows = new ArrayList<Row>(found.size());
        found.forEach(rows::add);
        return block(schema, target, atMicros, rows.size(), column -> {
            int at = found.columnsNames().indexOf(column.name());
            return row -> at < 0 ? null : rows.get(row).getValue(at);
        });
    }

    /** The same of rows by column name. */
    static Optional<ColumnBlock> block(
            FamilySchema schema, String target, long atMicros, List<Map<String, Object>> rows) {
        return block(
                schema,
                target,
                atMicros,
                rows.size(),
                column -> row -> rows.get(row).get(column.name()));
    }

    private static Optional<ColumnBlock> block(
            FamilySchema schema,
            String target,
            long atMicros,
            int rows,
            Function<Column, IntFunction<Object>> valuesOf) {
        if (rows == 0) {
            return Optional.empty();
        }
        var vectors = schema.columns().stream()
                .map(column -> vector(column, rows, valuesOf.apply(column)))
                .toList();
        return Optional.of(new ColumnBlock(schema, target, atMicros, rows, vectors));
    }

    private static ColumnVector vector(Column column, int rows, IntFunction<Object> values) {
        return switch (column.type()) {
            case BOOL -> longs(rows, values, value -> Boolean.TRUE.equals(value) ? 1 : 0);
            case INT4 -> longs(rows, values, value -> Math.toIntExact(((Number) value).longValue()));
            case INT8 -> longs(rows, values, value -> ((Number) value).longValue());
            case TIMESTAMPTZ -> longs(rows, values, value -> micros((OffsetDateTime) value));
            case FLOAT8 -> doubles(rows, values, value -> ((Number) value).doubleValue());
            case TEXT -> texts(rows, values);
        };
    }

    private static ColumnVector longs(int rows, IntFunction<Object> found, ToLongFunction<Object> number) {
        var values = new long[rows];
        var nulls = new BitSet(rows);
        for (int row = 0; row < values.length; row++) {
            var value = found.apply(row);
            if (value == null) {
                nulls.set(row);
            } else {
                values[row] = number.applyAsLong(value);
            }
        }
        return new ColumnVector.Longs(values, nulls);
    }

    private static ColumnVector doubles(int rows, IntFunction<Object> found, ToDoubleFunction<Object> number) {
        var values = new double[rows];
        var nulls = new BitSet(rows);
        for (int row = 0; row < values.length; row++) {
            var value = found.apply(row);
            if (value == null) {
                nulls.set(row);
            } else {
                values[row] = number.applyAsDouble(value);
            }
        }
        return new ColumnVector.Doubles(values, nulls);
    }

    private static ColumnVector texts(int rows, IntFunction<Object> found) {
        Map<String, Integer> places = new HashMap<>();
        var dictionary = new ArrayList<byte[]>();
        var indexes = new int[rows];
        for (int row = 0; row < indexes.length; row++) {
            var value = found.apply(row);
            indexes[row] = value == null
                    ? -1
                    : places.computeIfAbsent(value.toString(), text -> {
                        dictionary.add(text.getBytes(StandardCharsets.UTF_8));
                        return dictionary.size() - 1;
                    });
        }
        return new ColumnVector.Texts(dictionary.toArray(byte[][]::new), indexes);
    }

    private static long micros(OffsetDateTime time) {
        if (time.equals(OffsetDateTime.MAX)) {
            return LATEST_MICROS;
        }
        return time.equals(OffsetDateTime.MIN) ? -LATEST_MICROS : ChronoUnit.MICROS.between(EPOCH, time);
    }
}
