package org.pganalytics.wire;

import io.vertx.core.buffer.Buffer;
import java.util.zip.CRC32C;

/** CRC-32C (Castagnoli) of a part of a buffer. */
final class Checksum {
    private static final int SLICE_BYTES = 8192;

    private Checksum() {}

    static int of(Buffer bytes, int from, int end) {
        var crc = new CRC32C();
        var slice = new byte[Math.min(SLICE_BYTES, end - from)];
        for (int at = from; at < end; ) {
            int count = Math.min(slice.length, end - at);
            bytes.getBytes(at, at + count, slice);
            crc.update(slice, 0, count);
            at += count;
        }
        return (int) crc.getValue();
    }
}
