package org.pganalytics.collector;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;

/** Some rows of a block, as a block. */
final class RowPicks {
    private RowPicks() {}

    /** @param rows at least one, each a row of the block */
    static ColumnBlock of(ColumnBlock block, int[] rows) {
        var vectors = block.vectors().stream().map(vector -> pick(vector, rows)).toList();
        return new ColumnBlock(block.schema(), block.target(), block.collectedAtMicros(), rows.length, vectors);
    }

    private static ColumnVector pick(ColumnVector vector, int[] rows) {
        if (vector instanceof ColumnVector.Texts texts) {
            return pick(texts, rows);
        }
        var nulls = new BitSet(rows.length);
        for (int at = 0; at < rows.length; at++) {
            nulls.set(at, vector.isNull(rows[at]));
        }
        if (vector instanceof ColumnVector.Doubles doubles) {
            var values = new double[rows.length];
            for (int at = 0; at < rows.length; at++) {
                values[at] = doubles.values()[rows[at]];
            }
            return new ColumnVector.Doubles(values, nulls);
        }
        var from = ((ColumnVector.Longs) vector).values();
        var values = new long[rows.length];
        for (int at = 0; at < rows.length; at++) {
            values[at] = from[rows[at]];
        }
        return new ColumnVector.Longs(values, nulls);
    }

    private static ColumnVector.Texts pick(ColumnVector.Texts texts, int[] rows) {
        Map<Integer, Integer> places = new LinkedHashMap<>();
        var indexes = new int[rows.length];
        for (int at = 0; at < rows.length; at++) {
            int old = texts.indexes()[rows[at]];
            indexes[at] = old < 0 ? -1 : places.computeIfAbsent(old, unseen -> places.size());
        }
        var dictionary =
                places.keySet().stream().map(old -> texts.dictionary()[old]).toArray(byte[][]::new);
        return new ColumnVector.Texts(dictionary, indexes);
    }
}
