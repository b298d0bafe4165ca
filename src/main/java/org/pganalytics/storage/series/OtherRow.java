package org.pganalytics.storage.series;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;

/** Puts one row into a block in place of those that are folded: the last one. */
final class OtherRow {
    /** What its text keys are; its other keys are null. */
    static final String NAME = "(other)";

    private static final byte[] NAME_BYTES = NAME.getBytes(StandardCharsets.UTF_8);

    private OtherRow() {}

    /**
     * The row has counters only. A gauge of it would be that of nothing in particular, and a sum of some of them, where only
     * the rows that moved are sent, of nothing at all.
     *
     * @param counters by the declared counters; null when they are not known
     */
    static ColumnBlock into(ColumnBlock block, BlockColumns columns, BitSet folded, long[] counters) {
        var kept = kept(block, folded);
        var vectors = new ArrayList<ColumnVector>(block.vectors().size());
        for (int at = 0; at < block.vectors().size(); at++) {
            int counter = columns.counterAt(at);
            long value = counters == null || counter < 0 ? Counters.UNKNOWN : counters[counter];
            vectors.add(vector(block.vectors().get(at), kept, value, columns.isKey(at)));
        }
        return new ColumnBlock(block.schema(), block.target(), block.collectedAtMicros(), kept.length + 1, vectors);
    }

    /** The block without the folded rows, be it that none is left. */
    static ColumnBlock without(ColumnBlock block, BitSet folded) {
        var kept = kept(block, folded);
        var vectors = new ArrayList<ColumnVector>(block.vectors().size());
        block.vectors().forEach(vector -> vectors.add(picked(vector, kept, kept.length)));
        return new ColumnBlock(block.schema(), block.target(), block.collectedAtMicros(), kept.length, vectors);
    }

    private static int[] kept(ColumnBlock block, BitSet folded) {
        var kept = new int[block.rows() - folded.cardinality()];
        int at = 0;
        for (int row = folded.nextClearBit(0); row < block.rows(); row = folded.nextClearBit(row + 1)) {
            kept[at++] = row;
        }
        return kept;
    }

    private static ColumnVector vector(ColumnVector vector, int[] kept, long value, boolean key) {
        var picked = picked(vector, kept, kept.length + 1);
        int last = kept.length;
        if (picked instanceof ColumnVector.Texts texts) {
            return key ? named(texts, last) : texts;
        }
        if (value == Counters.UNKNOWN) {
            return picked;
        }
        if (picked instanceof ColumnVector.Doubles doubles) {
            doubles.values()[last] = Double.longBitsToDouble(value);
            doubles.nulls().clear(last);
        } else if (picked instanceof ColumnVector.Longs longs) {
            longs.values()[last] = value;
            longs.nulls().clear(last);
        }
        return picked;
    }

    private static ColumnVector named(ColumnVector.Texts texts, int row) {
        var dictionary = Arrays.copyOf(texts.dictionary(), texts.dictionary().length + 1);
        dictionary[dictionary.length - 1] = NAME_BYTES;
        texts.indexes()[row] = dictionary.length - 1;
        return new ColumnVector.Texts(dictionary, texts.indexes());
    }

    /** Some rows of a vector, and nulls up to so many. */
    private static ColumnVector picked(ColumnVector vector, int[] rows, int count) {
        if (vector instanceof ColumnVector.Texts texts) {
            var indexes = new int[count];
            Arrays.fill(indexes, -1);
            for (int at = 0; at < rows.length; at++) {
                indexes[at] = texts.indexes()[rows[at]];
            }
            return new ColumnVector.Texts(texts.dictionary(), indexes);
        }
        var nulls = new BitSet(count);
        nulls.set(rows.length, count);
        for (int at = 0; at < rows.length; at++) {
            nulls.set(at, vector.isNull(rows[at]));
        }
        if (vector instanceof ColumnVector.Doubles doubles) {
            var values = new double[count];
            for (int at = 0; at < rows.length; at++) {
                values[at] = doubles.values()[rows[at]];
            }
            return new ColumnVector.Doubles(values, nulls);
        }
        var values = new long[count];
        for (int at = 0; at < rows.length; at++) {
            values[at] = ((ColumnVector.Longs) vector).values()[rows[at]];
        }
        return new ColumnVector.Longs(values, nulls);
    }
}
