package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;

/** Rows as PostgreSQL's documentation of the binary COPY describes them, a field after the other. */
class CopyEncoderTest {
    private static final long MICROS = 1_795_219_200_000_000L;
    private static final long EPOCH = 946_684_800_000_000L;
    private static final int TARGET = 77;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final CopyEncoder encoder = new CopyEncoder(allocator);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 300})
    void everyTypeIsWrittenFieldByField(int rows) throws IOException {
        var random = new Random(rows);
        var types = new ArrayList<>(List.of(ColumnType.values()));
        types.addAll(List.of(ColumnType.values()));
        var vectors = types.stream().map(type -> vector(type, rows, random)).toList();
        var block = block(types, rows, vectors);

        assertArrayEquals(expected(block), encoded(block));
    }

    @Test
    void aBlockOfNullsHasLengthsOnly() throws IOException {
        var none = new BitSet();
        none.set(0, 3);
        var block = block(
                List.of(ColumnType.INT8, ColumnType.TEXT, ColumnType.BOOL),
                3,
                List.of(
                        new ColumnVector.Longs(new long[3], none),
                        new ColumnVector.Texts(new byte[0][], new int[] {-1, -1, -1}),
                        new ColumnVector.Longs(new long[3], none)));

        assertEquals(3 * (22 + 3 * 4), encoded(block).length);
        assertArrayEquals(expected(block), encoded(block));
    }

    @Test
    void anIntegerBeyondItsColumnIsRefusedAndNothingLeaks() {
        var values = new long[] {1, 1L << 31};
        var block = block(List.of(ColumnType.INT4), 2, List.of(new ColumnVector.Longs(values, new BitSet())));

        assertThrows(ArithmeticException.class, () -> encoder.rows(block, TARGET));
        assertEquals(0, allocator.metric().usedDirectMemory());
    }

    @Test
    void aTimeThatPostgresqlCannotCountIsRefused() {
        var values = new long[] {Long.MIN_VALUE};
        var block = block(List.of(ColumnType.TIMESTAMPTZ), 1, List.of(new ColumnVector.Longs(values, new BitSet())));

        assertThrows(ArithmeticException.class, () -> encoder.rows(block, TARGET));
    }

    @ParameterizedTest
    @EnumSource(
            value = ColumnType.class,
            names = {"FLOAT8", "TEXT"})
    void valuesOfAnotherTypeAreRefused(ColumnType type) {
        var block = block(List.of(type), 1, List.of(new ColumnVector.Longs(new long[1], new BitSet())));

        assertThrows(ArithmeticException.class, () -> encoder.rows(block, TARGET));
    }

    private byte[] encoded(ColumnBlock block) {
        ByteBuf rows = encoder.rows(block, TARGET);
        try {
            return ByteBufUtil.getBytes(rows);
        } finally {
            rows.release();
        }
    }

    private static ColumnBlock block(List<ColumnType> types, int rows, List<ColumnVector> vectors) {
        var columns = new ArrayList<Column>();
        for (int at = 0; at < types.size(); at++) {
            columns.add(new Column("c" + at, types.get(at), ColumnRole.GAUGE));
        }
        return new ColumnBlock(FamilySchema.of("any", columns), "t", MICROS, rows, vectors);
    }

    private static ColumnVector vector(ColumnType type, int rows, Random random) {
        var nulls = new BitSet();
        for (int row = 0; row < rows && random.nextBoolean(); row += 1 + random.nextInt(3)) {
            nulls.set(row);
        }
        if (type == ColumnType.FLOAT8) {
            return new ColumnVector.Doubles(random.doubles(rows).toArray(), nulls);
        }
        if (type == ColumnType.TEXT) {
            byte[][] dictionary = {"".getBytes(StandardCharsets.UTF_8), "größer".getBytes(StandardCharsets.UTF_8)};
            return new ColumnVector.Texts(
                    dictionary, random.ints(rows, -1, dictionary.length).toArray());
        }
        LongStream values = switch (type) {
            case BOOL -> random.longs(rows, 0, 2);
            case INT4 -> random.longs(rows, Integer.MIN_VALUE, 1L << 31);
            case TIMESTAMPTZ -> random.longs(rows, 0, 2 * MICROS);
            default -> random.longs(rows);
        };
        return new ColumnVector.Longs(values.toArray(), nulls);
    }

    private static byte[] expected(ColumnBlock block) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        for (int row = 0; row < block.rows(); row++) {
            out.writeShort(block.vectors().size() + 2);
            out.writeInt(8);
            out.writeLong(MICROS - EPOCH);
            out.writeInt(4);
            out.writeInt(TARGET);
            for (int at = 0; at < block.vectors().size(); at++) {
                write(block.schema().columns().get(at).type(), block.vectors().get(at), row, out);
            }
        }
        return bytes.toByteArray();
    }

    private static void write(ColumnType type, ColumnVector vector, int row, DataOutputStream out) throws IOException {
        if (vector.isNull(row)) {
            out.writeInt(-1);
        } else if (vector instanceof ColumnVector.Texts texts) {
            var text = texts.text(row).getBytes(StandardCharsets.UTF_8);
            out.writeInt(text.length);
            out.write(text);
        } else if (vector instanceof ColumnVector.Doubles doubles) {
            out.writeInt(8);
            out.writeDouble(doubles.values()[row]);
        } else {
            write(type, ((ColumnVector.Longs) vector).values()[row], out);
        }
    }

    private static void write(ColumnType type, long value, DataOutputStream out) throws IOException {
        switch (type) {
            case BOOL -> {
                out.writeInt(1);
                out.writeByte((int) value);
            }
            case INT4 -> {
                out.writeInt(4);
                out.writeInt((int) value);
            }
            default -> {
                out.writeInt(8);
                out.writeLong(type == ColumnType.TIMESTAMPTZ ? value - EPOCH : value);
            }
        }
    }
}
