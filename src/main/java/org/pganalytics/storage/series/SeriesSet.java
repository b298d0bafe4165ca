package org.pganalytics.storage.series;

/** Hashes of series, in one array of numbers. For one thread at a time. */
final class SeriesSet {
    private static final int SLOTS_MIN = 16;
    private static final long EMPTY = 0;
    private static final long[] NONE = {};

    private final SeriesMemory.Share memory;
    private long[] slots = NONE;
    private int size;

    SeriesSet(SeriesMemory.Share memory) {
        this.memory = memory;
    }

    int size() {
        return size;
    }

    boolean has(long hash) {
        return slots.length > 0 && slots[place(slots, hash)] != EMPTY;
    }

    /** Adds one that it does not have. @return false when there is no memory for it */
    boolean add(long hash) {
        if ((size + 1L) * 5 > slots.length * 4L && !grow()) {
            return false;
        }
        slots[place(slots, hash)] = filled(hash);
        size++;
        return true;
    }

    void clear() {
        memory.give((long) slots.length * Long.BYTES);
        slots = NONE;
        size = 0;
    }

    private boolean grow() {
        int more = Math.max(SLOTS_MIN, slots.length);
        if (slots.length > Integer.MAX_VALUE / 4 || !memory.take((long) more * Long.BYTES)) {
            return false;
        }
        var larger = new long[slots.length + more];
        for (long hash : slots) {
            if (hash != EMPTY) {
                larger[place(larger, hash)] = hash;
            }
        }
        slots = larger;
        return true;
    }

    /** Where it stands, or would stand: there is always an empty slot. */
    private static int place(long[] slots, long hash) {
        long wanted = filled(hash);
        int mask = slots.length - 1;
        int at = (int) wanted & mask;
        while (slots[at] != EMPTY && slots[at] != wanted) {
            at = at + 1 & mask;
        }
        return at;
    }

    private static long filled(long hash) {
        return hash == EMPTY ? ~EMPTY : hash;
    }
}
