package org.pganalytics.collector;

/** Numbers by number, in 24 to 48 bytes an entry; grows as it must. */
final class LongTable {
    private static final int SMALLEST = 8;

    private long[] keys;
    private long[] values;
    private int entries;

    /** @param expected entries for which there is room at once */
    LongTable(int expected) {
        allocate(Math.max(SMALLEST, Integer.highestOneBit(expected + expected / 2) << 1));
    }

    private void allocate(int size) {
        keys = new long[size];
        values = new long[size];
        entries = 0;
    }

    void put(long key, long value) {
        if (3L * (entries + 1) > 2L * keys.length) {
            grow();
        }
        int at = place(key);
        entries += keys[at] == 0 ? 1 : 0;
        keys[at] = used(key);
        values[at] = value;
    }

    private void grow() {
        var oldKeys = keys;
        var oldValues = values;
        allocate(2 * oldKeys.length);
        for (int at = 0; at < oldKeys.length; at++) {
            if (oldKeys[at] != 0) {
                put(oldKeys[at], oldValues[at]);
            }
        }
    }

    /** Whether this very value stands there. */
    boolean has(long key, long value) {
        int at = place(key);
        return keys[at] != 0 && values[at] == value;
    }

    /** What stands there, or the other number where nothing does. */
    long get(long key, long otherwise) {
        int at = place(key);
        return keys[at] == 0 ? otherwise : values[at];
    }

    int entries() {
        return entries;
    }

    /** Where the key is, or the free place where it would be. */
    private int place(long key) {
        long wanted = used(key);
        int at = (int) (wanted ^ wanted >>> 32) & keys.length - 1;
        while (keys[at] != 0 && keys[at] != wanted) {
            at = at + 1 & keys.length - 1;
        }
        return at;
    }

    /** Nought marks a free place. */
    private static long used(long key) {
        return key == 0 ? 1 : key;
    }
}
