package org.pganalytics.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Reads a byte array, big-endian, never beyond its end; whatever is wrong is one fault that says where. */
final class BytesIn {
    private static final VarHandle LITTLE_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long TOP_BITS = 0x8080_8080_8080_8080L;

    private final byte[] bytes;
    private final int end;
    private final Fault fault;
    private int at;

    BytesIn(byte[] bytes, Fault fault) {
        this(bytes, 0, bytes.length, fault);
    }

    BytesIn(byte[] bytes, int from, int end, Fault fault) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
        this.fault = fault;
    }

    byte[] array() {
        return bytes;
    }

    int at() {
        return at;
    }

    int remaining() {
        return end - at;
    }

    /** Steps over {@code count} bytes that are there; returns where they begin. */
    int take(long count, String what) {
        if (count < 0 || count > remaining()) {
            throw bad("%s needs %d bytes, %d are left".formatted(what, count, remaining()));
        }
        int from = at;
        at += (int) count;
        return from;
    }

    byte[] copy(long count, String what) {
        int from = take(count, what);
        return Arrays.copyOfRange(bytes, from, at);
    }

    int u8() {
        return bytes[take(1, "a byte")] & 0xFF;
    }

    int u16() {
        return u8() << 8 | u8();
    }

    long u32() {
        return (long) u16() << 16 | u16();
    }

    long i64() {
        return u32() << 32 | u32();
    }

    long uvarint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == end) {
                throw bad("a number is cut off");
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                if (shift == 63 && next > 1) {
                    break;
                }
                return value;
            }
        }
        throw bad("a number has more than 64 bits");
    }

    long svarint() {
        long folded = uvarint();
        return (folded >>> 1) ^ -(folded & 1);
    }

    /** As many svarints as there are places; those of up to eight bytes without a look at each byte. */
    void svarints(long[] values) {
        for (int row = 0; row < values.length; row++) {
            long ends = end - at < Long.BYTES ? 0 : ~(long) LITTLE_ENDIAN.get(bytes, at) & TOP_BITS;
            if (ends == 0) {
                values[row] = svarint();
            } else {
                long folded = sevens((long) LITTLE_ENDIAN.get(bytes, at) & (ends ^ ends - 1));
                values[row] = (folded >>> 1) ^ -(folded & 1);
                at += (Long.numberOfTrailingZeros(ends) >>> 3) + 1;
            }
        }
    }

    /** The lower seven bits of each byte, side by side. */
    private static long sevens(long word) {
        long pairs = word & 0x007F_007F_007F_007FL | (word & 0x7F00_7F00_7F00_7F00L) >>> 1;
        long fours = pairs & 0x0000_3FFF_0000_3FFFL | (pairs & 0x3FFF_0000_3FFF_0000L) >>> 2;
        return fours & 0x0000_0000_0FFF_FFFFL | (fours & 0x0FFF_FFFF_0000_0000L) >>> 4;
    }

    /** A number between two limits, before anything is sized by it. */
    int count(String what, long min, long max) {
        long value = uvarint();
        if (value < min || value > max) {
            throw bad("%s %s, allowed are %d to %d".formatted(what, Long.toUnsignedString(value), min, max));
        }
        return (int) value;
    }

    void finish() {
        if (remaining() > 0) {
            throw bad("%d bytes are left over".formatted(remaining()));
        }
    }

    FaultException bad(String what) {
        return fault.because("at byte %d: %s".formatted(at, what));
    }
}
