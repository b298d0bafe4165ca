package org.pganalytics.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * Floats that are decimals but for what arithmetic left in their last bits, as sums of times are; and those that are
 * near to another column's, as the least and the most are to the sum where there was but one, or to a quotient, as a
 * mean is. Nothing is rounded: how
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
        var whole = digits(values, count, decimals);
        var reference = Reference.nearest(whole, count, decimals, beside);
        var near = reference.values(count, decimals, beside);
        var digits = new long[count];
        subtract(near, decimals, whole, digits);
        var off = new long[count];
        for (int row = 0; row < count; row++) {
            off[row] = Double.doubleToRawLongBits(values[row]) - base(near[row], digits[row], decimals);
        }
        out.u8(Encoding.NEARLY).u8(decimals).u8(reference.back());
        if (reference.back() == Reference.QUOTIENT) {
            out.u8(reference.dividend()).u8(reference.divisor());
        }
        IntColumn.write(digits, count, out, beside);
        IntColumn.write(off, count, out, beside);
        return true;
    }

    static double[] read(int count, BytesIn in, Beside beside) {
        int decimals = in.u8();
        if (decimals > DECIMALS_MAX) {
            throw in.bad("%d decimals, at most %d".formatted(decimals, DECIMALS_MAX));
        }
        var reference = Reference.read(in);
        var near = reference.values(count, decimals, beside);
        if (near == null) {
            throw in.bad("what the floats are near to is no column of floats: " + reference);
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

    private static long[] digits(double[] values, int count, int decimals) {
        var digits = new long[count];
        for (int row = 0; row < count; row++) {
            digits[row] = FloatColumn.digits(values[row], decimals);
        }
        return digits;
    }

    private static void subtract(double[] near, int decimals, long[] whole, long[] differences) {
        for (int row = 0; row < whole.length; row++) {
            differences[row] = whole[row] - FloatColumn.digits(near[row], decimals);
        }
    }

    /**
     * What the values are near to.
     *
     * @param back the float column so many before this one, {@link Beside#BEFORE}, {@link #QUOTIENT}, or 0 for nothing
     * @param dividend of a quotient: the float column so many before this one
     * @param divisor of a quotient: the integer column so many before this one
     */
    private record Reference(int back, int dividend, int divisor) {
        static final int QUOTIENT = 254;

        private static final int DIVISORS_TRIED = 5;
        private static final Reference NONE = new Reference(0, 0, 0);
        private static final List<Reference> CANDIDATES = candidates();

        static Reference read(BytesIn in) {
            int back = in.u8();
            return back == QUOTIENT ? new Reference(back, in.u8(), in.u8()) : new Reference(back, 0, 0);
        }

        /** Null where there is no such column. */
        double[] values(int count, int decimals, Beside beside) {
            return switch (back) {
                case 0 -> new double[count];
                case QUOTIENT -> rounded(beside.quotients(dividend, divisor), decimals);
                default -> beside.floats(back);
            };
        }

        private static double[] rounded(double[] values, int decimals) {
            for (int row = 0; values != null && row < values.length; row++) {
                values[row] = FloatColumn.decimal(FloatColumn.digits(values[row], decimals), decimals);
            }
            return values;
        }

        /** @param whole the values' digits */
        static Reference nearest(long[] whole, int count, int decimals, Beside beside) {
            var best = NONE;
            long least = Long.MAX_VALUE;
            var differences = beside.drafts().tried(count);
            for (var tried : CANDIDATES) {
                var near = least == 0 ? null : tried.values(count, decimals, beside);
                if (near != null) {
                    subtract(near, decimals, whole, differences);
                    long bits = IntColumn.bits(differences, count);
                    best = bits < least ? tried : best;
                    least = Math.min(bits, least);
                }
            }
            return best;
        }

        private static List<Reference> candidates() {
            var candidates = new ArrayList<Reference>();
            candidates.add(NONE);
            candidates.add(new Reference(Beside.BEFORE, 0, 0));
            for (int back = 1; back <= COLUMNS_TRIED; back++) {
                candidates.add(new Reference(back, 0, 0));
            }
            for (int back = 1; back < DIVISORS_TRIED; back++) {
                for (int divisor = back + 1; divisor <= DIVISORS_TRIED; divisor++) {
                    candidates.add(new Reference(QUOTIENT, back, divisor));
                }
            }
            return List.copyOf(candidates);
        }
    }
}
