package org.pganalytics.collector;

import org.pganalytics.model.ColumnVector;

/**
 * 64 bits for some columns of each row of a block. Seeded, so that nobody can make two rows look the same on purpose.
 * Not for many threads at once.
 */
final class RowHashes {
    private static final long NULL = 0x9e3779b97f4a7c15L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final long seed;

    RowHashes(long seed) {
        this.seed = seed;
    }

    /** Makes a hash for each row of a block without columns yet. */
    long[] start(int rows) {
        var hashes = new long[rows];
        java.util.Arrays.fill(hashes, seed);
        return hashes;
    }

    /** Adds a column to each row's hash. */
    void add(ColumnVector vector, long[] hashes) {
        if (vector instanceof ColumnVector.Texts texts) {
            add(texts, hashes);
            return;
        }
        for (int row = 0; row < hashes.length; row++) {
            hashes[row] = mix(hashes[row] ^ (vector.isNull(row) ? NULL : number(vector, row)));
        }
    }

    private void add(ColumnVector.Texts texts, long[] hashes) {
        var words = new long[texts.dictionary().length];
        for (int at = 0; at < words.length; at++) {
            words[at] = hash(texts.dictionary()[at]);
        }
        for (int row = 0; row < hashes.length; row++) {
            int word = texts.indexes()[row];
            hashes[row] = mix(hashes[row] ^ (word < 0 ? NULL : words[word]));
        }
    }

    private static long number(ColumnVector vector, int row) {
        return vector instanceof ColumnVector.Doubles doubles
                ? Double.doubleToLongBits(doubles.values()[row])
                : ((ColumnVector.Longs) vector).values()[row];
    }

    private long hash(byte[] text) {
        long hash = seed;
        for (byte one : text) {
            hash = (hash ^ one) * FNV_PRIME;
        }
        return mix(hash);
    }

    private static long mix(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return (mixed ^ mixed >>> 31) + NULL;
    }
}
