package org.pganalytics.wire;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import org.pganalytics.fault.Fault;

/** A byte array that grows up to a limit, big-endian. */
final class BytesOut {
    private final int bytesMax;
    private byte[] bytes = new byte[512];
    private int length;

    BytesOut(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    BytesOut clear() {
        length = 0;
        return this;
    }

    int length() {
        return length;
    }

    /** The bytes behind this; only the first {@link #length()} count. */
    byte[] array() {
        return bytes;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    Buffer toBuffer() {
        return Buffer.buffer(length).appendBytes(bytes, 0, length);
    }

    BytesOut u8(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
        return this;
    }

    BytesOut u16(int value) {
        return u8(value >>> 8).u8(value);
    }

    BytesOut u32(long value) {
        return u16((int) (value >>> 16)).u16((int) value);
    }

    BytesOut i64(long value) {
        return u32(value >>> 32).u32(value);
    }

    /** Seven bits a byte, the lowest first, the top bit set on all but the last. */
    BytesOut uvarint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return this;
    }

    /** A signed number, folded so that small ones of either sign are short. */
    BytesOut svarint(long value) {
        return uvarint(zigzag(value));
    }

    BytesOut bytes(byte[] more) {
        return bytes(more, more.length);
    }

    BytesOut bytes(byte[] more, int count) {
        reserve(count);
        System.arraycopy(more, 0, bytes, length, count);
        length += count;
        return this;
    }

    /** Appends zeros, to be written to through {@link #array()}. */
    BytesOut room(int count) {
        reserve(count);
        Arrays.fill(bytes, length, length + count, (byte) 0);
        length += count;
        return this;
    }

    static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    static int uvarintBytes(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    private void reserve(int more) {
        if (more > bytesMax - length) {
            throw Fault.TOO_LARGE.because("more than %d bytes; send fewer rows at once".formatted(bytesMax));
        }
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(bytesMax, Math.max(2L * bytes.length, (long) length + more)));
        }
    }
}
