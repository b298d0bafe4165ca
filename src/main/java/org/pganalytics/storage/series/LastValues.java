package org.pganalytics.storage.series;

import java.util.Arrays;

/**
 * The last values of the counters of folded series: of each its hash, when it was seen, since when it counts, and its
 * values, in two arrays. For one thread at a time.
 */
final class LastValues {
    static final long NEVER = Long.MIN_VALUE;
    private static final int SLOTS_MIN = 16;
    private static final long EMPTY = 0;
    private static final int TIME = 0;
    private static final int SINCE = 1;
    private static final int FIRST = 2;

    private final SeriesMemory.Share memory;
    private final int width;
    private long[] hashes = {};
    private long[] values = {};
    private int size;

    LastValues(SeriesMemory.Share memory, int counters) {
        this.memory = memory;
        this.width = FIRST + counters;
    }

    int size() {
        return size;
    }

    /** Where a series stands, or -1. */
    int find(long hash) {
        if (hashes.length == 0) {
            return -1;
        }
        int at = place(hashes, hash);
        return hashes[at] == EMPTY ? -1 : at;
    }

    /** Makes room for one that is not there. @return where it stands, or -1 when there is no memory for it */
    int add(long hash) {
        if ((size + 1L) * 5 > hashes.length * 4L && !grow()) {
            return -1;
        }
        int at = place(hashes, hash);
        hashes[at] = filled(hash);
        size++;
        forget(at);
        return at;
    }

    /** What is seen of it next is as if seen for the first time. */
    void forget(int at) {
        Arrays.fill(values, at * width, (at + 1) * width, Counters.UNKNOWN);
        values[at * width + TIME] = NEVER;
    }

    long time(int at) {
        return values[at * width + TIME];
    }

    long since(int at) {
        return values[at * width + SINCE];
    }

    void see(int at, long time, long since) {
        values[at * width + TIME] = time;
        values[at * width + SINCE] = since;
    }

    long value(int at, int counter) {
        return values[at * width + FIRST + counter];
    }

    void value(int at, int counter, long value) {
        values[at * width + FIRST + counter] = value;
    }

    /** Drops those that were not seen since then. */
    void dropBefore(long time) {
        var olderHashes = hashes;
        var olderValues = values;
        hashes = new long[olderHashes.length];
        values = new long[olderValues.length];
        size = 0;
        for (int at = 0; at < olderHashes.length; at++) {
            if (olderHashes[at] != EMPTY && olderValues[at * width + TIME] >= time) {
                copy(olderHashes[at], olderValues, at);
                size++;
            }
        }
    }

    private boolean grow() {
        int more = Math.max(SLOTS_MIN, hashes.length);
        if (hashes.length > Integer.MAX_VALUE / 4 / width || !memory.take((1L + width) * more * Long.BYTES)) {
            return false;
        }
        var olderHashes = hashes;
        var olderValues = values;
        hashes = new long[olderHashes.length + more];
        values = new long[hashes.length * width];
        for (int at = 0; at < olderHashes.length; at++) {
            if (olderHashes[at] != EMPTY) {
                copy(olderHashes[at], olderValues, at);
            }
        }
        return true;
    }

    private void copy(long hash, long[] from, int at) {
        int to = place(hashes, hash);
        hashes[to] = hash;
        System.arraycopy(from, at * width, values, to * width, width);
    }

    private static int place(long[] hashes, long hash) {
        long wanted = filled(hash);
        int mask = hashes.length - 1;
        int at = (int) wanted & mask;
        while (hashes[at] != EMPTY && hashes[at] != wanted) {
            at = at + 1 & mask;
        }
        return at;
    }

    private static long filled(long hash) {
        return hash == EMPTY ? ~EMPTY : hash;
    }
}
