package org.pganalytics.collector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        var vectors =
                block.vectors().stream().map(vector -> slice(vector, from, to)).toList();
        return new ColumnBlock(block.schema(), block.target(), block.collectedAtMicros(), to - from, vectors);
    }

    private static ColumnVector slice(ColumnVector vector, int from, int to) {
        if (vector instanceof ColumnVector.Longs longs) {
            return new ColumnVector.Longs(Arrays.copyOfRange(longs.values(), from, to), slice(longs.nulls(), from, to));
        }
        if (vector instanceof ColumnVector.Doubles doubles) {
            return new ColumnVector.Doubles(
                    Arrays.copyOfRange(doubles.values(), from, to), slice(doubles.nulls(), from, to));
        }
        return slice((ColumnVector.Texts) vector, from, to);
    }

    private static BitSet slice(BitSet nulls, int from, int to) {
        return nulls.get(from, to);
    }

    private static ColumnVector.Texts slice(ColumnVector.Texts texts, int from, int to) {
        Map<Integer, Integer> places = new LinkedHashMap<>();
        var indexes = new int[to - from];
        for (int row = from; row < to; row++) {
            int old = texts.indexes()[row];
            indexes[row - from] = old < 0 ? -1 : places.computeIfAbsent(old, unseen -> places.size());
        }
        var dictionary =
                places.keySet().stream().map(old -> texts.dictionary()[old]).toArray(byte[][]::new);
        return new ColumnVector.Texts(dictionary, indexes);
    }
}
