package org.pganalytics.wire;

/**
 * Floats that are decimals but for what arithmetic left in their last bits, as sums of times are; and those that are
 * near to another column's, as the least and the most are to the sum where there was but one. Nothing is rounded: how
 * far each value's bits are off is written too.
 */
final class NearlyDecimals {
    private static final int DECIMALS_MAX = FloatColumn.POWERS.length - 1;
    private static final int COLUMNS_TRIED = 8;

    private NearlyDecimals() {}

    /** False, and nothing is written, where a value is no number or too large. */
    static boolean write(double[] values, int count, Beside beside, BytesOut out) {
        for (int row = 0; row < count; row++) {
            if (!(Math.abs(values[row] * FloatColumn.POWERS[DECIMALS_MAX]) <= FloatColumn.EXACT_MAX)) {
                return false;
            }
        }
        int decimals = decimals(values, count);
        int back = reference(values, count, decimals, beside);
        var near = back == 0 ? new double[count] : beside.floats(back);
        var digits = differences(values, near, count, decimals);
        var off = new long[count];
        for (int row = 0; row < count; row++) {
            off[row] = Double.doubleToRawLongBits(values[row]) - base(near[row], digits[row], decimals);
        }
        out.u8(Encoding.NEARLY).u8(decimals).u8(back);
        IntColumn.write(digits, count, out, beside);
        IntColumn.write(off, count, out, beside);
        return true;
    }

    static double[] read(int count, BytesIn in, Beside beside) {
        int decimals = in.u8();
        int back = in.u8();
        if (decimals > DECIMALS_MAX) {
            throw in.bad("%d decimals, at most %d".formatted(decimals, DECIMALS_MAX));
        }
        var near = back == 0 ? new double[count] : beside.floats(back);
        if (near == null) {
            throw in.bad("column %d before this one is no column of floats".formatted(back));
        }
        var digits = IntColumn.read(count, in, beside);
        var off = IntColumn.read(count, in, beside);
        var values = new double[count];
        for (int row = 0; row < count; row++) {
            values[row] = Double.longBitsToDouble(base(near[row], digits[row], decimals) + off[row]);
        }
        return values;
    }

    /** The bits that the digits alone come to: those of the value nearby where nothing tells them apart. */
    private static long base(double near, long difference, int decimals) {
        return Double.doubleToRawLongBits(
                difference == 0
                        ? near
                        : FloatColumn.decimal(FloatColumn.digits(near, decimals) + difference, decimals));
    }

    private static int decimals(double[] values, int count) {
        var digits = new long[count];
        int decimals = 0;
        while (decimals < DECIMALS_MAX && !FloatColumn.areDecimals(values, digits, FloatColumn.POWERS[decimals])) {
            decimals++;
        }
        return decimals;
    }

    private static long[] differences(double[] values, double[] near, int count, int decimals) {
        var differences = new long[count];
        for (int row = 0; row < count; row++) {
            differences[row] = FloatColumn.digits(values[row], decimals) - FloatColumn.digits(near[row], decimals);
        }
        return differences;
    }

    /** The column whose values are nearest; 0 for none. */
    private static int reference(double[] values, int count, int decimals, Beside beside) {
        int best = 0;
        long least = IntColumn.bits(differences(values, new double[count], count, decimals), count);
        for (int tried = 0; tried <= COLUMNS_TRIED; tried++) {
            int back = tried == 0 ? Beside.BEFORE : tried;
            var near = beside.floats(back);
            if (near != null) {
                long bits = IntColumn.bits(differences(values, near, count, decimals), count);
                if (bits < least) {
                    best = back;
                    least = bits;
                }
            }
        }
        return best;
    }
}
