package org.pganalytics.wire;

import java.util.Arrays;

/**
 * What is likely of a column's next number, learned from those before it: whether it is 0, how many bits it has, its
 * sign, and its first two bits; the rest is as likely as not, and only copied. Reused from column to column, so that a
 * small column costs no allocation.
 */
final class NumberModel {
    /** Contexts are sizes in bits, four of them taken together, and 0 apart. */
    static final int CONTEXTS = 17;

    private static final int SIZES = 64;
    private static final int SIGN = CONTEXTS * SIZES;
    private static final int FIRST_BITS = SIGN + 1;
    private static final int ZERO = 0;
    private static final int EVEN = 32_768 << 8;
    private static final int SEEN_MAX = 60;
    private static final int ODDS_MIN = 32;

    /** How far a bit moves the odds once so many were seen, in 32,768ths. */
    private static final int[] STEPS = new int[SEEN_MAX + 1];

    static {
        Arrays.setAll(STEPS, seen -> 65_536 / (2 * seen + 3));
    }

    /** Odds of a 1 in the upper bits, how many bits were seen there in the lowest eight. */
    private final int[] odds = new int[FIRST_BITS + 65 * 4];

    void reset() {
        Arrays.fill(odds, EVEN);
    }

    /** @param size of a number that this one may resemble, 0 to 64 bits */
    static int context(int size) {
        return (size + 3) / 4;
    }

    /** How many bits the number has without its sign. */
    static int size(long number) {
        return 64 - Long.numberOfLeadingZeros(Math.abs(number));
    }

    long code(BitCoder coder, long number, int context) {
        int size = size(coder, size(number), context * SIZES);
        if (size == 0) {
            return 0;
        }
        int negative = bit(coder, number < 0 ? 1 : 0, SIGN);
        long given = Math.abs(number);
        long bits = 1;
        int left = size - 1;
        for (int node = 1; left > 0 && node < 4; left--) {
            int bit = bit(coder, (int) (given >>> left - 1) & 1, FIRST_BITS + size * 4 + node);
            bits = bits << 1 | bit;
            node = 2 * node + bit;
        }
        if (left > 0) {
            bits = bits << left | coder.copy(given & (1L << left) - 1, left);
        }
        return negative == 1 ? -bits : bits;
    }

    /** Whether it is 0; if not, the size less 1 in six bits, the highest first. */
    private int size(BitCoder coder, int size, int context) {
        if (bit(coder, size == 0 ? 1 : 0, context + ZERO) == 1) {
            return 0;
        }
        int node = 1;
        for (int level = 5; level >= 0; level--) {
            node = node << 1 | bit(coder, size - 1 >>> level & 1, context + node);
        }
        return node - SIZES + 1;
    }

    /** The first bits seen move the odds far, later ones by a sixtieth. */
    private int bit(BitCoder coder, int bit, int index) {
        int known = odds[index];
        int seen = known & 0xFF;
        int before = known >>> 8;
        int coded = coder.code(bit, before);
        int after = before + ((coded * 65_535 - before) * STEPS[seen] >> 15);
        int kept = Math.max(ODDS_MIN, Math.min(65_535 - ODDS_MIN, after));
        odds[index] = kept << 8 | Math.min(seen + 1, SEEN_MAX);
        return coded;
    }
}
