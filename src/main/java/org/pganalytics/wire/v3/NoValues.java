package org.pganalytics.wire.v3;

import java.util.Arrays;
import java.util.BitSet;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;

/** Columns of a block that got no value: of the half of a family's columns that version 3 does not know, one each type. */
final class NoValues {
    private final int rows;
    private final BitSet nulls = new BitSet();
    private ColumnVector.Longs longs;
    private ColumnVector.Doubles doubles;
    private ColumnVector.Texts texts;

    NoValues(int rows) {
        this.rows = rows;
    }

    /** Nulls of a column that has none. */
    BitSet nulls() {
        return nulls;
    }

    ColumnVector of(ColumnType type) {
        return switch (type) {
            case TEXT -> texts = texts == null ? texts() : texts;
            case FLOAT8 -> doubles = doubles == null ? new ColumnVector.Doubles(new double[rows], all()) : doubles;
            case INT4, INT8, BOOL, TIMESTAMPTZ ->
                longs = longs == null ? new ColumnVector.Longs(new long[rows], all()) : longs;
        };
    }

    private BitSet all() {
        var all = new BitSet(rows);
        all.set(0, rows);
        return all;
    }

    private ColumnVector.Texts texts() {
        var absent = new int[rows];
        Arrays.fill(absent, -1);
        return new ColumnVector.Texts(new byte[0][], absent);
    }
}
