package org.pganalytics.wire;

/** Reads what {@link BitsOut} wrote; beyond the last byte there are zeros. */
final class BitsIn implements BitCoder {
    private final byte[] bytes;
    private final int end;
    private int at;
    private long low;
    private long high = 0xFFFF_FFFFL;
    private long code;

    BitsIn(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
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

    private int next() {
        return at < end ? bytes[at++] & 0xFF : 0;
    }
}
