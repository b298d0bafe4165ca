package org.pganalytics.storage.series;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.random.RandomGenerator;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;

/**
 * 64 bits for each series, by numbers that are drawn anew in every process: nobody outside can make two series look the
 * same on purpose. Thread-safe.
 */
final class SeriesHash {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long first;
    private final long second;
    private final long absent;

    /** @param random one that cannot be foretold */
    SeriesHash(RandomGenerator random) {
        this.first = random.nextLong();
        this.second = random.nextLong();
        this.absent = random.nextLong();
    }

    /** The series of a block's rows, one a row; a column after the other, so that each is one short loop over an array. */
    long[] series(ColumnBlock block, BlockColumns columns) {
        var hashes = new long[block.rows()];
        Arrays.fill(hashes, mix(text(block.schema().family()), text(block.target())));
        for (int at : columns.keys()) {
            if (at < 0) {
                add(hashes);
            } else {
                add(block.vectors().get(at), hashes);
            }
        }
        return hashes;
    }

    private void add(ColumnVector vector, long[] hashes) {
        if (vector instanceof ColumnVector.Longs longs) {
            add(longs.values(), longs.nulls(), hashes);
        } else if (vector instanceof ColumnVector.Texts texts) {
            add(texts, hashes);
        } else {
            var doubles = (ColumnVector.Doubles) vector;
            var bits = new long[hashes.length];
            Arrays.setAll(bits, row -> Double.doubleToLongBits(doubles.values()[row]));
            add(bits, doubles.nulls(), hashes);
        }
    }

    private void add(long[] values, BitSet nulls, long[] hashes) {
        boolean full = nulls.isEmpty();
        for (int row = 0; row < hashes.length; row++) {
            hashes[row] = full || !nulls.get(row) ? mix(hashes[row], values[row]) : none(hashes[row]);
        }
    }

    /** Each text of the dictionary is read once, however many rows have it. */
    private void add(ColumnVector.Texts texts, long[] hashes) {
        var words = new long[texts.dictionary().length];
        for (int at = 0; at < words.length; at++) {
            words[at] = bytes(texts.dictionary()[at]);
        }
        for (int row = 0; row < hashes.length; row++) {
            int word = texts.indexes()[row];
            hashes[row] = word < 0 ? none(hashes[row]) : mix(hashes[row], words[word]);
        }
    }

    /** A column that the block does not have is null in all its rows. */
    private void add(long[] hashes) {
        for (int row = 0; row < hashes.length; row++) {
            hashes[row] = none(hashes[row]);
        }
    }

    private long none(long hash) {
        return mix(hash ^ absent, absent);
    }

    private long text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private long bytes(byte[] text) {
        long hash = text.length;
        int at = 0;
        for (; at + Long.BYTES <= text.length; at += Long.BYTES) {
            hash = mix(hash, (long) WORDS.get(text, at));
        }
        long rest = 0;
        for (int shift = 0; at < text.length; at++, shift += Byte.SIZE) {
            rest |= (text[at] & 0xffL) << shift;
        }
        return mix(hash, rest);
    }

    /** Both halves of the product, so that each bit of either number moves all bits of the result. */
    private long mix(long hash, long value) {
        long a = hash ^ first;
        long b = value ^ second;
        return Math.multiplyHigh(a, b) ^ a * b;
    }
}
