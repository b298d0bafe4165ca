package org.pganalytics.wire;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.pganalytics.model.ColumnVector;

/**
 * What stands beside a column: those before it in its block, and the same one of the block before. One for each block;
 * {@link #enter} moves it on to the next column.
 */
final class Beside {
    /** Instead of how many columns back: the column of the block before. */
    static final int BEFORE = 255;

    /** Instead of how many columns back: the same column, one row before. */
    static final int ROW_BEFORE = 254;

    private final Drafts drafts;
    private final List<ColumnVector> columns = new ArrayList<>();
    /** Of each of them, in all its rows; null until somebody asked for them. */
    private final List<int[]> contexts = new ArrayList<>();

    private int[] contextsBefore;
    private ColumnVector before;
    private BitSet nulls = new BitSet();
    private NumberModel model;
    private int rows;

    /** @param drafts to write on; null when reading */
    Beside(Drafts drafts) {
        this.drafts = drafts;
    }

    Drafts drafts() {
        return drafts;
    }

    void enter(ColumnVector earlier, BitSet nullRows, int rowCount) {
        before = earlier;
        contextsBefore = null;
        nulls = nullRows;
        rows = rowCount;
    }

    void leave(ColumnVector column) {
        columns.add(column);
        contexts.add(null);
    }

    /** One that knows nothing yet. */
    NumberModel model() {
        model = model == null ? new NumberModel() : model;
        model.reset();
        return model;
    }

    /** The column so many before this one, or {@link #BEFORE}; null where there is none. */
    ColumnVector column(int back) {
        if (back == BEFORE) {
            return before;
        }
        return back < 1 || back > columns.size() ? null : columns.get(columns.size() - back);
    }

    /** The values of an integer column in the rows that are not null here, to be read only; null where there is none. */
    long[] numbers(int back) {
        return column(back) instanceof ColumnVector.Longs longs ? dense(longs.values()) : null;
    }

    double[] floats(int back) {
        return column(back) instanceof ColumnVector.Doubles doubles ? dense(doubles.values()) : null;
    }

    /** The context that a column gives to each value here, to be read only; null where there is no column of numbers. */
    int[] contexts(int back) {
        var column = column(back);
        if (column == null || column instanceof ColumnVector.Texts) {
            return null;
        }
        var all = ofAllRows(column, back);
        if (nulls.isEmpty()) {
            return all;
        }
        var dense = new int[rows - nulls.cardinality()];
        int row = nulls.nextClearBit(0);
        for (int at = 0; at < dense.length; at++, row = nulls.nextClearBit(row + 1)) {
            dense[at] = all[row];
        }
        return dense;
    }

    private int[] ofAllRows(ColumnVector column, int back) {
        int place = columns.size() - back;
        var known = back == BEFORE ? contextsBefore : contexts.get(place);
        if (known != null) {
            return known;
        }
        var all = new int[rows];
        for (int row = 0; row < rows; row++) {
            all[row] = NumberModel.context(size(column, row));
        }
        if (back == BEFORE) {
            contextsBefore = all;
        } else {
            contexts.set(place, all);
        }
        return all;
    }

    /** A float counts as the whole number of its millionths. */
    private static int size(ColumnVector column, int row) {
        return NumberModel.size(
                column instanceof ColumnVector.Longs longs
                        ? longs.values()[row]
                        : FloatColumn.digits(((ColumnVector.Doubles) column).values()[row], 6));
    }

    /** One column's values divided by another's, 0 where that is 0; null where they are not floats and integers. */
    double[] quotients(int dividend, int divisor) {
        var dividends = floats(dividend);
        var divisors = dividends == null ? null : numbers(divisor);
        if (divisors == null) {
            return null;
        }
        var quotients = new double[dividends.length];
        for (int at = 0; at < quotients.length; at++) {
            quotients[at] = divisors[at] == 0 ? 0 : dividends[at] / divisors[at];
        }
        return quotients;
    }

    private long[] dense(long[] values) {
        if (nulls.isEmpty()) {
            return values;
        }
        var dense = new long[rows - nulls.cardinality()];
        int row = nulls.nextClearBit(0);
        for (int at = 0; at < dense.length; at++, row = nulls.nextClearBit(row + 1)) {
            dense[at] = values[row];
        }
        return dense;
    }

    private double[] dense(double[] values) {
        if (nulls.isEmpty()) {
            return values;
        }
        var dense = new double[rows - nulls.cardinality()];
        int row = nulls.nextClearBit(0);
        for (int at = 0; at < dense.length; at++, row = nulls.nextClearBit(row + 1)) {
            dense[at] = values[row];
        }
        return dense;
    }
}
