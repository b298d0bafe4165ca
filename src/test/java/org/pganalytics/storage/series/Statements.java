package org.pganalytics.storage.series;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;

/** A family like that of statements, and blocks of it, for tests. A null is no value. */
public final class Statements {
    /** A time of a day that began 6 h before, in µs. */
    public static final long START = 20_000L * 86_400_000_000L + 6 * 3_600_000_000L;

    public static final FamilySchema SCHEMA = FamilySchema.of(
            "some_statements",
            List.of(
                    new Column("database", ColumnType.TEXT, ColumnRole.KEY),
                    new Column("queryid", ColumnType.INT8, ColumnRole.KEY),
                    new Column("calls", ColumnType.INT8, ColumnRole.COUNTER),
                    new Column("seconds", ColumnType.FLOAT8, ColumnRole.COUNTER),
                    new Column("errors", ColumnType.INT4, ColumnRole.COUNTER),
                    new Column("cached", ColumnType.INT8, ColumnRole.GAUGE),
                    new Column("query", ColumnType.TEXT, ColumnRole.TEXT),
                    new Column("stats_since", ColumnType.TIMESTAMPTZ, ColumnRole.GAUGE)));

    private Statements() {}

    /** A row. @param since when it began to count, in µs */
    public record Row(String database, Long queryid, Long calls, Double seconds, Long errors, Long since) {
        public static Row of(long queryid, Long calls) {
            return new Row("shop", queryid, calls, calls == null ? null : calls / 4.0, calls, null);
        }
    }

    public static MetricFamily family(OptionalInt seriesMax) {
        return family(SCHEMA, MetricFamily.Kind.SAMPLES).with(seriesMax);
    }

    static MetricFamily family(FamilySchema schema, MetricFamily.Kind kind) {
        boolean dictionary = kind == MetricFamily.Kind.DICTIONARY;
        return new MetricFamily(
                schema,
                "for a test",
                kind,
                MetricFamily.Scope.CLUSTER,
                Duration.ofSeconds(10),
                Duration.ofDays(7),
                List.of(new MetricFamily.VersionedSql(14, Integer.MAX_VALUE, null, "SELECT 1")),
                dictionary ? "some_statements" : null,
                dictionary ? "queryid" : null);
    }

    public static ColumnBlock block(String target, long micros, Row... rows) {
        return new ColumnBlock(
                SCHEMA,
                target,
                micros,
                rows.length,
                List.of(
                        texts(rows),
                        longs(Arrays.stream(rows).map(Row::queryid).toList()),
                        longs(Arrays.stream(rows).map(Row::calls).toList()),
                        doubles(Arrays.stream(rows).map(Row::seconds).toList()),
                        longs(Arrays.stream(rows).map(Row::errors).toList()),
                        longs(Arrays.stream(rows).map(row -> 7L).toList()),
                        new ColumnVector.Texts(new byte[][] {utf8("SELECT")}, new int[rows.length]),
                        longs(Arrays.stream(rows).map(Row::since).toList())));
    }

    private static ColumnVector texts(Row... rows) {
        var dictionary = new ArrayList<String>();
        var indexes = new int[rows.length];
        for (int at = 0; at < rows.length; at++) {
            var text = rows[at].database();
            if (text != null && !dictionary.contains(text)) {
                dictionary.add(text);
            }
            indexes[at] = text == null ? -1 : dictionary.indexOf(text);
        }
        return new ColumnVector.Texts(dictionary.stream().map(Statements::utf8).toArray(byte[][]::new), indexes);
    }

    private static ColumnVector longs(List<Long> values) {
        var nulls = new BitSet();
        var longs = new long[values.size()];
        for (int at = 0; at < longs.length; at++) {
            nulls.set(at, values.get(at) == null);
            longs[at] = values.get(at) == null ? 0 : values.get(at);
        }
        return new ColumnVector.Longs(longs, nulls);
    }

    private static ColumnVector doubles(List<Double> values) {
        var nulls = new BitSet();
        var doubles = new double[values.size()];
        for (int at = 0; at < doubles.length; at++) {
            nulls.set(at, values.get(at) == null);
            doubles[at] = values.get(at) == null ? 0 : values.get(at);
        }
        return new ColumnVector.Doubles(doubles, nulls);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The value that stands in a block, as a Java object; null when there is none. */
    static Object value(ColumnBlock block, String column, int row) {
        var names = block.schema().columns().stream().map(Column::name).toList();
        var vector = block.vectors().get(names.indexOf(column));
        if (vector.isNull(row)) {
            return null;
        }
        if (vector instanceof ColumnVector.Texts texts) {
            return texts.text(row);
        }
        return vector instanceof ColumnVector.Doubles doubles
                ? (Object) doubles.values()[row]
                : ((ColumnVector.Longs) vector).values()[row];
    }
}
