package org.pganalytics.wire;

/** Reads what {@link BitsOut} wrote; beyond the last coded byte there are zeros, beyond the last copied one nothing. */
final class BitsIn implements BitCoder {
    private static final int COPIED_AT_ONCE = 32;

    private final BytesIn in;
    private final byte[] bytes;
    private final int end;
    private int at;
    private long low;
    private long high = 0xFFFF_FFFFL;
    private long code;
    private long part;
    private int partBits;

    /** @param in where the coded bytes end and the copied ones begin; their number is {@code length} */
    BitsIn(BytesIn in, int length) {
        this.in = in;
        this.bytes = in.array();
        this.at = in.take(length, "coded numbers");
        this.end = at + length;
        for (int first = 0; first < 4; first++) {
            code = code << 8 | next();
        }
    }

    @Override
    public int code(int unknown, int odds) {
        long middle = low + ((high - low) * odds >>> 16);
        int bit = code <= middle ? 1 : 0;
        if (bit == 1) {
            high = middle;
        } else {
            low = middle + 1;
        }
        while ((low ^ high) >>> 24 == 0) {
            low = low << 8 & 0xFFFF_FFFFL;
            high = high << 8 & 0xFFFF_FFFFL | 0xFF;
            code = code << 8 & 0xFFFF_FFFFL | next();
        }
        return bit;
    }

    @Override
    public long copy(long unknown, int count) {
        if (count <= COPIED_AT_ONCE) {
            return copy(count);
        }
        long low32 = copy(COPIED_AT_ONCE);
        return copy(count - COPIED_AT_ONCE) << COPIED_AT_ONCE | low32;
    }

    private long copy(int count) {
        while (partBits < count) {
            part |= (long) in.u8() << partBits;
            partBits += 8;
        }
        long bits = part & (1L << count) - 1;
        part >>>= count;
        partBits -= count;
        return bits;
    }

    /** Fails when bits are left over that are not 0. */
    void finish() {
        if (part != 0) {
            throw in.bad("bits after the last copied one are not 0");
        }
    }

    private int next() {
        return at < end ? bytes[at++] & 0xFF : 0;
    }
}
