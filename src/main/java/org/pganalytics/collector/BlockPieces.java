package org.pganalytics.collector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;

/** Cuts a block into pieces that fit a batch. */
final class BlockPieces {
    private static final int BYTES_A_VALUE = 8;

    private BlockPieces() {}

    /** The block itself when it fits; a single row is never cut. */
    static List<ColumnBlock> of(ColumnBlock block, int rowsMax, int bytesMax) {
        var pieces = new ArrayList<ColumnBlock>();
        cut(block, rowsMax, bytesMax, pieces);
        return pieces;
    }

    private static void cut(ColumnBlock block, int rowsMax, int bytesMax, List<ColumnBlock> pieces) {
        if (block.rows() <= 1 || block.rows() <= rowsMax && bytes(block) <= bytesMax) {
            pieces.add(block);
            return;
        }
        int half = block.rows() / 2;
        cut(slice(block, 0, half), rowsMax, bytesMax, pieces);
        cut(slice(block, half, block.rows()), rowsMax, bytesMax, pieces);
    }

    /** What the block takes before compression, estimated from above. */
    static long bytes(ColumnBlock block) {
        long bytes = 64;
        for (var vector : block.vectors()) {
            bytes += (long) BYTES_A_VALUE * vector.rows();
            if (vector instanceof ColumnVector.Texts texts) {
                bytes += Arrays.stream(texts.dictionary())
                        .mapToLong(text -> text.length)
                        .sum();
            }
        }
        return bytes;
    }

    private static ColumnBlock slice(ColumnBlock block, int from, int to) {
        return RowPicks.of(block, IntStream.range(from, to).toArray());
    }
}
