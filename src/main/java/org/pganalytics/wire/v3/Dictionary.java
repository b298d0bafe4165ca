package org.pganalytics.wire.v3;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;

/** Distinct texts, numbered as they come; kept in UTF-8 as PostgreSQL takes it. */
final class Dictionary {
    /** What a text takes beside its own bytes, about. */
    private static final int TEXT_BYTES = 64;

    private static final int FIRST = 8;
    private static final String NUL = "\0";
    private static final String REPLACEMENT = "\uFFFD";
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** Other ones in each process: nobody outside can choose texts that all have one hash. */
    private static final long SEED = new SecureRandom().nextLong();

    private static final long FACTOR = new SecureRandom().nextLong() | 1;

    private byte[][] said = new byte[FIRST][];
    private byte[][] kept = new byte[FIRST][];
    private long[] hashes = new long[FIRST];
    /** By hash: the number of a text and one more; 0 where there is none. */
    private int[] table = new int[2 * FIRST];

    private int size;
    private long bytes;

    /** The number of a text; one that is new gets the next one. */
    int number(byte[] utf8, int from, int to) {
        long hash = hash(utf8, from, to);
        int slot = (int) hash & table.length - 1;
        for (; table[slot] != 0; slot = slot + 1 & table.length - 1) {
            int known = table[slot] - 1;
            if (hashes[known] == hash && Arrays.equals(said[known], 0, said[known].length, utf8, from, to)) {
                return known;
            }
        }
        add(hash, Arrays.copyOfRange(utf8, from, to));
        if (size == said.length) {
            grow();
        } else {
            table[slot] = size;
        }
        return size - 1;
    }

    private void add(long hash, byte[] text) {
        said[size] = text;
        kept[size] = withoutNul(text);
        hashes[size] = hash;
        bytes += TEXT_BYTES + text.length;
        size++;
    }

    private void grow() {
        said = Arrays.copyOf(said, 2 * size);
        kept = Arrays.copyOf(kept, 2 * size);
        hashes = Arrays.copyOf(hashes, 2 * size);
        table = new int[4 * size];
        for (int number = 0; number < size; number++) {
            int slot = (int) hashes[number] & table.length - 1;
            while (table[slot] != 0) {
                slot = slot + 1 & table.length - 1;
            }
            table[slot] = number + 1;
        }
    }

    /** PostgreSQL takes no NUL. */
    private static byte[] withoutNul(byte[] text) {
        for (byte octet : text) {
            if (octet == 0) {
                return new String(text, StandardCharsets.UTF_8)
                        .replace(NUL, REPLACEMENT)
                        .getBytes(StandardCharsets.UTF_8);
            }
        }
        return text;
    }

    private static long hash(byte[] utf8, int from, int to) {
        long hash = SEED + to - from;
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            hash = mixed(hash ^ (long) LONGS.get(utf8, at));
        }
        long rest = 0;
        for (; at < to; at++) {
            rest = rest << Byte.SIZE | utf8[at] & 0xFF;
        }
        return mixed(hash ^ rest);
    }

    private static long mixed(long bits) {
        return bits * FACTOR ^ Math.multiplyHigh(bits, FACTOR);
    }

    int size() {
        return size;
    }

    byte[] text(int number) {
        return kept[number];
    }

    /** About what it holds of memory. */
    long bytes() {
        return bytes;
    }
}
