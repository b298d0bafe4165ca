package org.pganalytics.wire;

/** Writes bits by arithmetic coding: what was likely costs less than a bit. */
final class BitsOut implements BitCoder {
    private final BytesOut out;
    private final BytesOut copied;
    private long low;
    private long high = 0xFFFF_FFFFL;
    private int part;
    private int partBits;

    /** @param copied takes the bits that are copied, the lowest first */
    BitsOut(BytesOut out, BytesOut copied) {
        this.out = out;
        this.copied = copied;
    }

    @Override
    public int code(int bit, int odds) {
        long middle = low + ((high - low) * odds >>> 16);
        if (bit == 1) {
            high = middle;
        } else {
            low = middle + 1;
        }
        while ((low ^ high) >>> 24 == 0) {
            out.u8((int) (high >>> 24));
            low = low << 8 & 0xFFFF_FFFFL;
            high = high << 8 & 0xFFFF_FFFFL | 0xFF;
        }
        return bit;
    }

    @Override
    public long copy(long bits, int count) {
        long rest = bits;
        for (int left = count; left > 0; ) {
            int more = Math.min(8 - partBits, left);
            part |= (int) (rest & (1 << more) - 1) << partBits;
            partBits += more;
            rest >>>= more;
            left -= more;
            if (partBits == 8) {
                flush();
            }
        }
        return bits;
    }

    private void flush() {
        copied.u8(part);
        part = 0;
        partBits = 0;
    }

    /** The reader takes zeros after the last byte, so one byte says where in the rest of the range we are. */
    void finish() {
        if (low > 0) {
            out.u8((int) (low >>> 24) + 1);
        }
        if (partBits > 0) {
            flush();
        }
    }
}
