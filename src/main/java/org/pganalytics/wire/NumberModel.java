package org.pganalytics.wire;

import java.util.Arrays;

/**
 * What is likely of a column's next number, learned from those before it: how many bits it has, its sign, its first two
 * bits, and each of the rest by its place. Reused from column to column, so that a small column costs no allocation.
 */
final class NumberModel {
    /** Contexts are sizes in bits, four of them taken together, and 0 apart. */
    static final int CONTEXTS = 17;

    private static final int SIZES = 128;
    private static final int SIGN = CONTEXTS * SIZES;
    private static final int FIRST_BITS = SIGN + 1;
    private static final int PLACES = FIRST_BITS + 65 * 4;
    private static final int EVEN = 32_768 << 8;
    private static final int SEEN_MAX = 60;
    private static final int ODDS_MIN = 32;

    /** Odds of a 1 in the upper bits, how many bits were seen there in the lowest eight. */
    private final int[] odds = new int[PLACES + 64];

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
        int size = size(coder, size(number), context);
        if (size == 0) {
            return 0;
        }
        int negative = bit(coder, number < 0 ? 1 : 0, SIGN);
        long given = Math.abs(number);
        long bits = 1;
        int node = 1;
        for (int place = size - 2; place >= 0; place--) {
            int known = (int) (given >>> place) & 1;
            boolean first = place >= size - 3;
            int bit = bit(coder, known, first ? FIRST_BITS + size * 4 + node : PLACES + place);
            node = first ? 2 + bit : node;
            bits = bits << 1 | bit;
        }
        return negative == 1 ? -bits : bits;
    }

    private int size(BitCoder coder, int size, int context) {
        int node = 1;
        for (int level = 6; level >= 0; level--) {
            node = node << 1 | bit(coder, size >>> level & 1, context * SIZES + node);
        }
        return Math.min(Long.SIZE, node - SIZES);
    }

    /** The first bits seen move the odds far, later ones by a sixtieth. */
    private int bit(BitCoder coder, int bit, int index) {
        int seen = odds[index] & 0xFF;
        int before = odds[index] >>> 8;
        int coded = coder.code(bit, before);
        int after = before + ((coded * 65_535 - before) * 2) / (2 * seen + 3);
        int kept = Math.max(ODDS_MIN, Math.min(65_535 - ODDS_MIN, after));
        odds[index] = kept << 8 | Math.min(seen + 1, SEEN_MAX);
        return coded;
    }
}
