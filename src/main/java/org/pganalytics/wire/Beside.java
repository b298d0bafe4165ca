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

    private final List<ColumnVector> columns = new ArrayList<>();
    private ColumnVector before;
    private BitSet nulls = new BitSet();
    private NumberModel model;
    private int rows;

    void enter(ColumnVector earlier, BitSet nullRows, int rowCount) {
        before = earlier;
        nulls = nullRows;
        rows = rowCount;
    }

    void leave(ColumnVector column) {
        columns.add(column);
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

    /** The values of an integer column in the rows that are not null here; null where there is no such column. */
    long[] numbers(int back) {
        return column(back) instanceof ColumnVector.Longs longs ? dense(longs.values()) : null;
    }

    double[] floats(int back) {
        return column(back) instanceof ColumnVector.Doubles doubles ? dense(doubles.values()) : null;
    }

    /** The context that a column gives to each value here; null where there is no column of numbers. */
    int[] contexts(int back) {
        var column = column(back);
        if (column == null || column instanceof ColumnVector.Texts) {
            return null;
        }
        var contexts = new int[rows - nulls.cardinality()];
        int row = nulls.nextClearBit(0);
        for (int at = 0; at < contexts.length; at++, row = nulls.nextClearBit(row + 1)) {
            contexts[at] = NumberModel.context(size(column, row));
        }
        return contexts;
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
        var quotients = floats(dividend);
        var divisors = quotients == null ? null : numbers(divisor);
        if (divisors == null) {
            return null;
        }
        for (int at = 0; at < quotients.length; at++) {
            quotients[at] = divisors[at] == 0 ? 0 : quotients[at] / divisors[at];
        }
        return quotients;
    }

    private long[] dense(long[] values) {
        var dense = new long[rows - nulls.cardinality()];
        int row = nulls.nextClearBit(0);
        for (int at = 0; at < dense.length; at++, row = nulls.nextClearBit(row + 1)) {
            dense[at] = values[row];
        }
        return dense;
    }

    private double[] dense(double[] values) {
        var dense = new double[rows - nulls.cardinality()];
        int row = nulls.nextClearBit(0);
        for (int at = 0; at < dense.length; at++, row = nulls.nextClearBit(row + 1)) {
            dense[at] = values[row];
        }
        return dense;
    }
}
