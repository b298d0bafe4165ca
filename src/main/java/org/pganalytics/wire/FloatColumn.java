package org.pganalytics.wire;

import java.util.Arrays;

/** Floats to bytes and back: as decimals where that is exact, else bit by bit; never rounded. */
final class FloatColumn {
    static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    static final long EXACT_MAX = 1L << 53;

    private FloatColumn() {}

    /** Writes the first {@code count} values, at least one. */
    static void write(double[] values, int count, BytesOut out, Beside beside) {
        if (isConstant(values, count)) {
            out.u8(Encoding.CONSTANT).i64(Double.doubleToRawLongBits(values[0]));
            return;
        }
        if (beside != null && NearlyDecimals.write(values, count, beside, out)) {
            return;
        }
        var digits = new long[count];
        for (int decimals = 0; decimals < POWERS.length; decimals++) {
            if (areDecimals(values, digits, POWERS[decimals])) {
                out.u8(Encoding.DECIMAL).u8(decimals);
                IntColumn.write(digits, count, out, beside);
                return;
            }
        }
        writePlanes(values, count, out);
    }

    /** Reads {@code count} values, which the caller has found to be allowed. */
    static double[] read(int encoding, int count, BytesIn in, Beside beside) {
        switch (encoding) {
            case Encoding.CONSTANT:
                long bits = in.i64();
                var values = new double[count];
                Arrays.fill(values, Double.longBitsToDouble(bits));
                return values;
            case Encoding.DECIMAL:
                return decimals(count, in, beside);
            case Encoding.NEARLY:
                return NearlyDecimals.read(count, in, beside);
            case Encoding.PLANES:
                return planes(count, in);
            default:
                throw in.bad("encoding %d of floats is not known".formatted(encoding));
        }
    }

    /** The whole number of the value's units of so many decimals, 0 where it is beyond 2^53 or no number. */
    static long digits(double value, int decimals) {
        double scaled = value * POWERS[decimals];
        return Math.abs(scaled) <= EXACT_MAX ? Math.round(scaled) : 0;
    }

    static double decimal(long digits, int decimals) {
        return digits / POWERS[decimals];
    }

    private static boolean isConstant(double[] values, int count) {
        long first = Double.doubleToRawLongBits(values[0]);
        for (int row = 1; row < count; row++) {
            if (Double.doubleToRawLongBits(values[row]) != first) {
                return false;
            }
        }
        return true;
    }

    /** Fills in the digits; false at the first value that they would not give back to the last bit. */
    static boolean areDecimals(double[] values, long[] digits, double power) {
        for (int row = 0; row < digits.length; row++) {
            long whole = Math.round(values[row] * power);
            if (whole > EXACT_MAX
                    || whole < -EXACT_MAX
                    || Double.doubleToRawLongBits(whole / power) != Double.doubleToRawLongBits(values[row])) {
                return false;
            }
            digits[row] = whole;
        }
        return true;
    }

    private static double[] decimals(int count, BytesIn in, Beside beside) {
        int decimals = in.u8();
        if (decimals >= POWERS.length) {
            throw in.bad("%d decimals, at most %d".formatted(decimals, POWERS.length - 1));
        }
        var digits = IntColumn.read(count, in, beside);
        var values = new double[count];
        for (int row = 0; row < count; row++) {
            if (digits[row] > EXACT_MAX || digits[row] < -EXACT_MAX) {
                throw in.bad("the digits of a float are beyond 2^53");
            }
            values[row] = digits[row] / POWERS[decimals];
        }
        return values;
    }

    private static void writePlanes(double[] values, int count, BytesOut out) {
        var bits = new long[count];
        for (int row = 0; row < count; row++) {
            bits[row] = Double.doubleToRawLongBits(values[row]);
        }
        writePlanes(bits, out.u8(Encoding.PLANES));
    }

    /** All most significant bytes first, and so on: the bytes that resemble each other stand together. */
    static void writePlanes(long[] bits, BytesOut out) {
        int at = out.length();
        out.room(Math.multiplyExact(bits.length, 8));
        var bytes = out.array();
        for (int row = 0; row < bits.length; row++) {
            for (int plane = 0; plane < 8; plane++) {
                bytes[at + plane * bits.length + row] = (byte) (bits[row] >>> 56 - 8 * plane);
            }
        }
    }

    private static double[] planes(int count, BytesIn in) {
        var bits = readPlanes(count, in);
        var values = new double[count];
        for (int row = 0; row < count; row++) {
            values[row] = Double.longBitsToDouble(bits[row]);
        }
        return values;
    }

    static long[] readPlanes(int count, BytesIn in) {
        int at = in.take(8L * count, "floats");
        var bytes = in.array();
        var bits = new long[count];
        for (int row = 0; row < count; row++) {
            long one = 0;
            for (int plane = at + row; plane < at + 8 * count; plane += count) {
                one = one << 8 | bytes[plane] & 0xFF;
            }
            bits[row] = one;
        }
        return bits;
    }
}
