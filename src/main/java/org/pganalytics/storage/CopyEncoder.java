package org.pganalytics.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pganalytics.model.ColumnBlock;

/**
 * Turns columns into the rows of PostgreSQL's binary COPY: {@code time}, {@code target_id}, then the columns of the schema
 * in its order. Moves primitives from arrays into one direct buffer, a column after the other, so that each is one short
 * loop over an array; nothing is made for a row.
 */
final class CopyEncoder {
    /** Signature, no flags, no extension. */
    private static final byte[] HEADER = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    /** Of a row: how many fields, time and target, with their lengths. */
    private static final int START_BYTES = 22;

    private static final short END = -1;
    /** From 1970-01-01 to 2000-01-01, where PostgreSQL begins to count. */
    static final long EPOCH_MICROS = 946_684_800_000_000L;

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
     * @throws ArithmeticException when a value is out of its column's range, or the rows take more than a buffer can hold
     */
    ByteBuf rows(ColumnBlock block, int targetId) {
        long time = Math.subtractExact(block.collectedAtMicros(), EPOCH_MICROS);
        var columns = columns(block);
        var at = new int[block.rows()];
        int bytes = places(columns, at);
        var out = allocator.directBuffer(bytes);
        try {
            var rows = out.internalNioBuffer(0, bytes).slice();
            for (int row = 0; row < at.length; row++) {
                rows.putShort(at[row], (short) (block.vectors().size() + 2));
                rows.putInt(at[row] + 2, Long.BYTES).putLong(at[row] + 6, time);
                rows.putInt(at[row] + 14, Integer.BYTES).putInt(at[row] + 18, targetId);
                at[row] += START_BYTES;
            }
            for (var column : columns) {
                column.write(rows, at);
            }
            return out.writerIndex(bytes);
        } catch (RuntimeException e) {
            out.release();
            throw e;
        }
    }

    /** Fills in where each row begins; returns where the last one ends. */
    private static int places(List<CopyColumn> columns, int[] at) {
        Arrays.fill(at, START_BYTES);
        for (var column : columns) {
            column.addBytes(at);
        }
        int end = 0;
        for (int row = 0; row < at.length; row++) {
            int bytes = at[row];
            at[row] = end;
            end = Math.addExact(end, bytes);
        }
        return end;
    }

    /** In their order, those without any value joined where they stand side by side. */
    private static List<CopyColumn> columns(ColumnBlock block) {
        var columns = new ArrayList<CopyColumn>(block.vectors().size());
        int nulls = 0;
        for (int i = 0; i < block.vectors().size(); i++) {
            var column = CopyColumn.of(
                    block.schema().columns().get(i), block.vectors().get(i));
            if (column instanceof CopyColumn.Nulls) {
                nulls++;
                continue;
            }
            addNulls(columns, nulls);
            nulls = 0;
            columns.add(column);
        }
        addNulls(columns, nulls);
        return columns;
    }

    private static void addNulls(List<CopyColumn> columns, int nulls) {
        if (nulls > 0) {
            columns.add(new CopyColumn.Nulls(nulls));
        }
    }
}
