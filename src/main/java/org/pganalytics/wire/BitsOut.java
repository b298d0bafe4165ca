package org.pganalytics.wire;

/** Writes bits by arithmetic coding: what was likely costs less than a bit. */
final class BitsOut implements BitCoder {
    private final BytesOut out;
    private long low;
    private long high = 0xFFFF_FFFFL;

    BitsOut(BytesOut out) {
        this.out = out;
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

    /** The reader takes zeros after the last byte, so one byte says where in the rest of the range we are. */
    void finish() {
        if (low > 0) {
            out.u8((int) (low >>> 24) + 1);
        }
    }
}
