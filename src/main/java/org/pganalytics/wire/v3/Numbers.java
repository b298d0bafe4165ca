package org.pganalytics.wire.v3;

import com.fasterxml.jackson.core.io.NumberInput;
import java.nio.charset.StandardCharsets;

/** Reads numbers of JSON from their bytes. One for a feed. */
final class Numbers {
    /** So many digits are less than 2^63, whichever they are. */
    private static final int DIGITS_MAX = 18;

    private static final int EXPONENT_DIGITS_MAX = 3;
    /** Whole numbers up to it are exact as doubles, and so are these powers of ten: a quotient of two is rounded right. */
    private static final long EXACT_MAX = 1L << 53;

    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private static final boolean[] OF_NUMBERS = new boolean[128];

    static {
        "0123456789+-.eE".chars().forEach(one -> OF_NUMBERS[one] = true);
    }

    private byte[] bytes;
    private int at;
    private int end;
    private boolean minus;
    private long digits;
    private int exponent;

    /** The first byte that cannot be in the number that begins there, or the end. */
    static int end(byte[] bytes, int begin, int end) {
        int at = begin;
        while (at < end && bytes[at] >= 0 && OF_NUMBERS[bytes[at]]) {
            at++;
        }
        return at;
    }

    /**
     * Returns false for what is no number, or not one that it can read.
     *
     * @param to after its last byte; there is another one in the array
     */
    boolean read(byte[] text, int from, int to, Scalar into) {
        bytes = text;
        end = to;
        minus = text[from] == '-';
        at = minus ? from + 1 : from;
        byte first = text[at];
        digits = 0;
        exponent = 0;
        int whole = digits();
        if (whole == 0 || whole > 1 && first == '0') {
            return false;
        }
        return at == to ? whole(whole, into) : fraction(from, whole, into);
    }

    private boolean whole(int count, Scalar into) {
        into.whole(minus ? -digits : digits);
        // Nineteen digits that are 2^63 and more have become negative.
        return count <= DIGITS_MAX || count == DIGITS_MAX + 1 && digits >= 0;
    }

    private boolean fraction(int from, int whole, Scalar into) {
        int places = 0;
        if (bytes[at] == '.') {
            at++;
            places = digits();
            if (places == 0) {
                return false;
            }
        }
        long mantissa = digits;
        if (at < end && !exponent()) {
            return false;
        }
        boolean exact = whole + places <= DIGITS_MAX && mantissa <= EXACT_MAX;
        into.fraction(value(from, exact ? mantissa : -1, exponent - places));
        return true;
    }

    /** @param mantissa negative when it is not exact */
    private double value(int from, long mantissa, int power) {
        if (mantissa < 0 || Math.abs(power) >= POWERS.length) {
            return NumberInput.parseDouble(new String(bytes, from, end - from, StandardCharsets.ISO_8859_1), true);
        }
        double value = power < 0 ? mantissa / POWERS[-power] : mantissa * POWERS[power];
        return minus ? -value : value;
    }

    /** Returns false when something else comes. */
    private boolean exponent() {
        if (bytes[at] != 'e' && bytes[at] != 'E') {
            return false;
        }
        at++;
        byte sign = bytes[at];
        if (sign == '-' || sign == '+') {
            at++;
        }
        digits = 0;
        int count = digits();
        exponent = (int) (sign == '-' ? -digits : digits);
        return at == end && count > 0 && count <= EXPONENT_DIGITS_MAX;
    }

    /** Adds the digits that come. @return how many */
    private int digits() {
        int from = at;
        long value = digits;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            value = value * 10 + bytes[at] - '0';
            at++;
        }
        digits = value;
        return at - from;
    }
}
