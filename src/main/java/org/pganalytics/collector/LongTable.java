package org.pganalytics.collector;

/** Numbers by number, 64 bytes an entry at most; for so many entries as it was made for. */
final class LongTable {
    private final long[] keys;
    private final long[] values;

    LongTable(int entries) {
        int size = Integer.highestOneBit(Math.max(1, entries)) << 2;
        keys = new long[size];
        values = new long[size];
    }

    void put(long key, long value) {
        int at = place(key);
        keys[at] = used(key);
        values[at] = value;
    }

    /** Whether this very value stands there. */
    boolean has(long key, long value) {
        int at = place(key);
        return keys[at] != 0 && values[at] == value;
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
