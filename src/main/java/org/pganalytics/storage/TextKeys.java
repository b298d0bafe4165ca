package org.pganalytics.storage;

import java.security.SecureRandom;

/** A set of pairs of numbers, 16 bytes a place, at most half of the places taken. The second number is never 0. */
final class TextKeys {
    private static final int FIRST = 64;
    /** Another one in each process: nobody outside can choose numbers that all have one place. */
    private static final long FACTOR = new SecureRandom().nextLong() | 1;

    private long[] pairs = new long[2 * FIRST];
    private int size;

    boolean has(long first, long second) {
        int at = place(first, second);
        return pairs[at + 1] != 0;
    }

    void add(long first, long second) {
        int at = place(first, second);
        if (pairs[at + 1] != 0) {
            return;
        }
        pairs[at] = first;
        pairs[at + 1] = second;
        size++;
        if (4 * size > pairs.length) {
            grow();
        }
    }

    int size() {
        return size;
    }

    private void grow() {
        var before = pairs;
        pairs = new long[2 * before.length];
        for (int at = 0; at < before.length; at += 2) {
            if (before[at + 1] != 0) {
                int place = place(before[at], before[at + 1]);
                System.arraycopy(before, at, pairs, place, 2);
            }
        }
    }

    /** Where the pair is, or would be. */
    private int place(long first, long second) {
        int mask = pairs.length - 1;
        long mixed = (first * FACTOR ^ second) * FACTOR;
        int at = (int) (mixed >>> Integer.SIZE) << 1 & mask;
        while (pairs[at + 1] != 0 && (pairs[at] != first || pairs[at + 1] != second)) {
            at = at + 2 & mask;
        }
        return at;
    }
}
