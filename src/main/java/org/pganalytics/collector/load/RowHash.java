package org.pganalytics.collector.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Hashes one row, value by value, in the order of its family's columns. What was generated and what the database holds go
 * through the same steps, so two rows are equal when their hashes are, up to one chance in 2⁶⁴.
 */
final class RowHash {
    static final long START = 0x9e3779b97f4a7c15L;

    private static final long NULL = 0x6a09e667f3bcc909L;
    private static final long NOT_NULL = 0xbb67ae8584caa73bL;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private RowHash() {}

    static long withNull(long row) {
        return mix(row ^ NULL);
    }

    /** For bool (0 or 1), int4, int8 and timestamptz (µs since 1970). */
    static long withLong(long row, long value) {
        return mix(mix(row ^ NOT_NULL) + value);
    }

    /** By bits, so that 0.0 and -0.0 differ; every NaN is the same one. */
    static long withDouble(long row, double value) {
        return withLong(row, Double.doubleToLongBits(value));
    }

    static long withText(long row, long textHash) {
        return withLong(row, textHash);
    }

    /** The hash of a text's bytes in UTF-8. */
    static long text(byte[] utf8) {
        long hash = START + utf8.length;
        int at = 0;
        for (; at + Long.BYTES <= utf8.length; at += Long.BYTES) {
            hash = mix(hash ^ (long) LONGS.get(utf8, at)) + NULL;
        }
        long rest = 0;
        for (; at < utf8.length; at++) {
            rest = rest << Byte.SIZE | utf8[at] & 0xff;
        }
        return mix(hash ^ rest);
    }

    /** A bijection of 64 bits in which every input bit reaches every output bit (splitmix64's last steps). */
    static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
