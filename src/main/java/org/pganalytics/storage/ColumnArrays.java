package org.pganalytics.storage;

import io.vertx.sqlclient.Tuple;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;

/** Blocks of one schema as arrays, one a column, for statements that unnest them. */
final class ColumnArrays {
    private static final long MICROS = 1_000_000;
    private static final char REPLACEMENT = '\uFFFD';

    private ColumnArrays() {}

    /** Set-returning functions in the target list, {@code unnest($1::timestamptz[]), …}, for time, target and columns. */
    static String unnest(FamilySchema schema) {
        var columns = new StringBuilder("unnest($1::timestamptz[]), unnest($2::int4[])");
        for (int i = 0; i < schema.columns().size(); i++) {
            columns.append(", unnest($%d::%s[])"
                    .formatted(i + 3, schema.columns().get(i).type().sqlName()));
        }
        return columns.toString();
    }

    /** The parameters of {@link #unnest}. @throws ArithmeticException when a value is out of its column's range */
    static Tuple of(List<EncodedBlock> blocks) {
        var tuple = Tuple.tuple();
        tuple.addArrayOfOffsetDateTime(fill(blocks, new OffsetDateTime[0], block -> {
            var time = time(block.block().collectedAtMicros());
            return row -> time;
        }));
        tuple.addArrayOfInteger(fill(blocks, new Integer[0], block -> row -> block.targetId()));
        var columns = blocks.get(0).block().schema().columns();
        for (int i = 0; i < columns.size(); i++) {
            add(tuple, columns.get(i).type(), blocks, i);
        }
        return tuple;
    }

    private static void add(Tuple tuple, ColumnType type, List<EncodedBlock> blocks, int at) {
        switch (type) {
            case BOOL -> tuple.addArrayOfBoolean(longs(blocks, new Boolean[0], at, value -> value != 0));
            case INT4 -> tuple.addArrayOfInteger(longs(blocks, new Integer[0], at, Math::toIntExact));
            case INT8 -> tuple.addArrayOfLong(longs(blocks, new Long[0], at, value -> value));
            case TIMESTAMPTZ ->
                tuple.addArrayOfOffsetDateTime(longs(blocks, new OffsetDateTime[0], at, ColumnArrays::time));
            case FLOAT8 ->
                tuple.addArrayOfDouble(fill(blocks, new Double[0], block -> {
                    var doubles = (ColumnVector.Doubles) block.block().vectors().get(at);
                    return row -> doubles.isNull(row) ? null : doubles.values()[row];
                }));
            case TEXT ->
                tuple.addArrayOfString(fill(blocks, new String[0], block -> {
                    var texts = (ColumnVector.Texts) block.block().vectors().get(at);
                    var strings = Arrays.stream(texts.dictionary())
                            .map(ColumnArrays::text)
                            .toArray(String[]::new);
                    return row -> texts.isNull(row) ? null : strings[texts.indexes()[row]];
                }));
        }
    }

    private interface OfLong<T> {
        T apply(long value);
    }

    private static <T> T[] longs(List<EncodedBlock> blocks, T[] empty, int at, OfLong<T> convert) {
        return fill(blocks, empty, block -> {
            var longs = (ColumnVector.Longs) block.block().vectors().get(at);
            return row -> longs.isNull(row) ? null : convert.apply(longs.values()[row]);
        });
    }

    private interface Values<T> {
        IntFunction<T> of(EncodedBlock block);
    }

    private static <T> T[] fill(List<EncodedBlock> blocks, T[] empty, Values<T> values) {
        var all = new ArrayList<T>(Math.toIntExact(RowWriter.rows(blocks)));
        for (var block : blocks) {
            var value = values.of(block);
            for (int row = 0; row < block.rows(); row++) {
                all.add(value.apply(row));
            }
        }
        return all.toArray(empty);
    }

    /** Refuses what is not UTF-8, as PostgreSQL would, were it not mended on the way. */
    private static String text(byte[] utf8) {
        var text = new String(utf8, StandardCharsets.UTF_8);
        // What is mended has the replacement in it; a text may have it anyway, and only then it is looked at again.
        return text.indexOf(REPLACEMENT) < 0 ? text : strict(utf8);
    }

    private static String strict(byte[] utf8) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException broken) {
            throw new ArithmeticException("a text is not UTF-8");
        }
    }

    static OffsetDateTime time(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1_000)
                .atOffset(ZoneOffset.UTC);
    }

    /** The names of columns, quoted, each with a prefix. */
    static String names(FamilySchema schema, String prefix) {
        return schema.columns().stream()
                .map(column -> prefix + '"' + column.name() + '"')
                .collect(Collectors.joining(", "));
    }
}
