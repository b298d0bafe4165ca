package org.pganalytics.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;

/**
 * Turns columns into the rows of PostgreSQL's binary COPY: {@code time}, {@code target_id}, then the columns of the schema
 * in its order. Moves primitives from arrays into one direct buffer; nothing is made for a row.
 */
final class CopyEncoder {
    /** Signature, no flags, no extension. */
    private static final byte[] HEADER = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    private static final int NULL = -1;
    private static final short END = -1;
    /** From 1970-01-01 to 2000-01-01, where PostgreSQL begins to count. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private final ByteBufAllocator allocator;

    CopyEncoder(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** What a COPY begins with. */
    ByteBuf header() {
        return allocator.directBuffer(HEADER.length).writeBytes(HEADER);
    }

    /** What a COPY ends with. */
    ByteBuf trailer() {
        return allocator.directBuffer(Short.BYTES).writeShort(END);
    }

    /**
     * The caller owns the buffer.
     *
     * @throws ArithmeticException when a value is out of its column's range
     */
    ByteBuf rows(ColumnBlock block, int targetId) {
        var fields = fields(block);
        var out = allocator.directBuffer(block.rows() * (22 + 12 * fields.length));
        try {
            long time = Math.subtractExact(block.collectedAtMicros(), EPOCH_MICROS);
            for (int row = 0; row < block.rows(); row++) {
                out.writeShort(fields.length + 2);
                out.writeInt(Long.BYTES).writeLong(time);
                out.writeInt(Integer.BYTES).writeInt(targetId);
                for (var field : fields) {
                    field.write(out, row);
                }
            }
            return out;
        } catch (RuntimeException e) {
            out.release();
            throw e;
        }
    }

    /** Writes one column's value of a row. */
    private interface Field {
        void write(ByteBuf out, int row);
    }

    private static Field[] fields(ColumnBlock block) {
        var columns = block.schema().columns();
        var fields = new Field[columns.size()];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = field(columns.get(i), block.vectors().get(i));
        }
        return fields;
    }

    private static Field field(Column column, ColumnVector vector) {
        if (vector instanceof ColumnVector.Longs longs) {
            return longs(column.type(), longs);
        }
        if (vector instanceof ColumnVector.Doubles doubles && column.type() == ColumnType.FLOAT8) {
            return (out, row) -> {
                if (doubles.isNull(row)) {
                    out.writeInt(NULL);
                } else {
                    out.writeInt(Double.BYTES).writeDouble(doubles.values()[row]);
                }
            };
        }
        if (vector instanceof ColumnVector.Texts texts && column.type() == ColumnType.TEXT) {
            return (out, row) -> writeText(out, texts, row);
        }
        throw new ArithmeticException("column %s of type %s holds values of another type"
                .formatted(column.name(), column.type().sqlName()));
    }

    private static void writeText(ByteBuf out, ColumnVector.Texts texts, int row) {
        if (texts.isNull(row)) {
            out.writeInt(NULL);
        } else {
            var text = texts.dictionary()[texts.indexes()[row]];
            out.writeInt(text.length).writeBytes(text);
        }
    }

    private static Field longs(ColumnType type, ColumnVector.Longs longs) {
        var nulls = longs.nulls();
        var values = longs.values();
        Field present = switch (type) {
            case BOOL -> (out, row) -> out.writeInt(1).writeByte(values[row] == 0 ? 0 : 1);
            case INT4 -> (out, row) -> out.writeInt(Integer.BYTES).writeInt(Math.toIntExact(values[row]));
            case INT8 -> (out, row) -> out.writeInt(Long.BYTES).writeLong(values[row]);
            case TIMESTAMPTZ ->
                (out, row) -> out.writeInt(Long.BYTES).writeLong(Math.subtractExact(values[row], EPOCH_MICROS));
            case FLOAT8, TEXT -> throw new ArithmeticException("integers in a column of " + type.sqlName());
        };
        if (nulls.isEmpty()) {
            return present;
        }
        return (out, row) -> {
            if (nulls.get(row)) {
                out.writeInt(NULL);
            } else {
                present.write(out, row);
            }
        };
    }
}
