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
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;

/** Turns the rows of a query into a block; a column that the query does not have is NULL throughout. */
final class FamilyRows {
    private static final OffsetDateTime EPOCH = OffsetDateTime.parse("1970-01-01T00:00:00Z");
    /** What PostgreSQL's timestamps can hold, so that infinity has a place. */
    private static final long LATEST_MICROS = 9_223_371_331_200_000_000L - 946_684_800_000_000L;

    private FamilyRows() {}

    /** Empty when there are no rows. @throws ClassCastException when a column cannot be taken as its type */
    static Optional<ColumnBlock> block(FamilySchema schema, String target, long atMicros, RowSet<Row> found) {
        var rows = new ArrayList<Row>(found.size());
        found.forEach(rows::add);
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        var vectors = schema.columns().stream()
                .map(column -> vector(column, found.columnsNames().indexOf(column.name()), rows))
                .toList();
        return Optional.of(new ColumnBlock(schema, target, atMicros, rows.size(), vectors));
    }

    private static ColumnVector vector(Column column, int at, List<Row> rows) {
        return switch (column.type()) {
            case BOOL -> longs(at, rows, value -> Boolean.TRUE.equals(value) ? 1 : 0);
            case INT4 -> longs(at, rows, value -> Math.toIntExact(((Number) value).longValue()));
            case INT8 -> longs(at, rows, value -> ((Number) value).longValue());
            case TIMESTAMPTZ -> longs(at, rows, value -> micros((OffsetDateTime) value));
            case FLOAT8 -> doubles(at, rows, value -> ((Number) value).doubleValue());
            case TEXT -> texts(at, rows);
        };
    }

    private static ColumnVector longs(int at, List<Row> rows, ToLongFunction<Object> number) {
        var values = new long[rows.size()];
        var nulls = new BitSet(rows.size());
        for (int row = 0; row < values.length; row++) {
            var value = at < 0 ? null : rows.get(row).getValue(at);
            if (value == null) {
                nulls.set(row);
            } else {
                values[row] = number.applyAsLong(value);
            }
        }
        return new ColumnVector.Longs(values, nulls);
    }

    private static ColumnVector doubles(int at, List<Row> rows, ToDoubleFunction<Object> number) {
        var values = new double[rows.size()];
        var nulls = new BitSet(rows.size());
        for (int row = 0; row < values.length; row++) {
            var value = at < 0 ? null : rows.get(row).getValue(at);
            if (value == null) {
                nulls.set(row);
            } else {
                values[row] = number.applyAsDouble(value);
            }
        }
        return new ColumnVector.Doubles(values, nulls);
    }

    private static ColumnVector texts(int at, List<Row> rows) {
        Map<String, Integer> places = new HashMap<>();
        var dictionary = new ArrayList<byte[]>();
        var indexes = new int[rows.size()];
        for (int row = 0; row < indexes.length; row++) {
            var value = at < 0 ? null : rows.get(row).getValue(at);
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
