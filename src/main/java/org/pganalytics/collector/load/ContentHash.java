package org.pganalytics.collector.load;

import java.util.Arrays;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;

/**
 * What a set of rows holds, whatever their order: how many there are, and the sum of their hashes modulo 2⁶⁴. A row more,
 * less or altered changes it.
 */
record ContentHash(long rows, long sum) {
    static final ContentHash NOTHING = new ContentHash(0, 0);

    static ContentHash of(ColumnBlock block) {
        return new ContentHash(block.rows(), Arrays.stream(rowHashes(block)).sum());
    }

    ContentHash plus(long rowHash) {
        return new ContentHash(rows + 1, sum + rowHash);
    }

    /** The hash of each row of the block. */
    static long[] rowHashes(ColumnBlock block) {
        var hashes = new long[block.rows()];
        Arrays.fill(hashes, RowHash.START);
        for (var vector : block.vectors()) {
            add(hashes, vector);
        }
        return hashes;
    }

    private static void add(long[] hashes, ColumnVector vector) {
        if (vector instanceof ColumnVector.Longs longs) {
            for (int row = 0; row < hashes.length; row++) {
                hashes[row] = longs.isNull(row)
                        ? RowHash.withNull(hashes[row])
                        : RowHash.withLong(hashes[row], longs.values()[row]);
            }
        } else if (vector instanceof ColumnVector.Doubles doubles) {
            for (int row = 0; row < hashes.length; row++) {
                hashes[row] = doubles.isNull(row)
                        ? RowHash.withNull(hashes[row])
                        : RowHash.withDouble(hashes[row], doubles.values()[row]);
            }
        } else {
            add(hashes, (ColumnVector.Texts) vector);
        }
    }

    private static void add(long[] hashes, ColumnVector.Texts texts) {
        var entries = Arrays.stream(texts.dictionary()).mapToLong(RowHash::text).toArray();
        for (int row = 0; row < hashes.length; row++) {
            hashes[row] = texts.isNull(row)
                    ? RowHash.withNull(hashes[row])
                    : RowHash.withText(hashes[row], entries[texts.indexes()[row]]);
        }
    }
}
