package org.pganalytics.wire.v3;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** The binary push of version 3: zstd around a frame around a payload that may be zstd again. For a worker. */
final class BinaryFrame {
    static final int HEADER_BYTES = 32;
    static final int MAGIC = 0xDEADBEEF;
    static final int VERSION = 1;
    static final int METRICS_BATCH = 1;

    private static final int ZSTD = 0x28B52FFD;
    /** A zstd window of 32 MiB: what a frame may ask for is memory before its first byte. */
    private static final int WINDOW_LOG_MAX = 25;

    private static final int NONE = 0;
    private static final int BY_ZSTD = 1;

    private BinaryFrame() {}

    /**
     * Checks the frame, and opens its payload.
     *
     * @param body as it came; with or without zstd around it, whatever its label said
     * @param bytesMax most bytes of the frame and of its payload, each
     * @return the payload's values; fails with an IOException beyond the limit
     */
    static InputStream open(byte[] body, int bytesMax) {
        try {
            var frame = ByteBuffer.wrap(isZstd(body, 0) ? whole(body, bytesMax) : body)
                    .order(ByteOrder.LITTLE_ENDIAN);
            check(frame);
            var payload = new ByteArrayInputStream(frame.array(), HEADER_BYTES, frame.limit() - HEADER_BYTES);
            // Built without zstd, a collector sends plain bytes and says otherwise.
            return isZstd(frame.array(), HEADER_BYTES) ? new Limited(unpacked(payload), bytesMax) : payload;
        } catch (IOException broken) {
            throw bad("the compressed frame is broken: " + broken.getMessage());
        }
    }

    private static boolean isZstd(byte[] bytes, int at) {
        return bytes.length >= at + 4 && ByteBuffer.wrap(bytes).getInt(at) == ZSTD;
    }

    private static InputStream unpacked(InputStream packed) throws IOException {
        return new ZstdInputStreamNoFinalizer(packed).setLongMax(WINDOW_LOG_MAX);
    }

    private static byte[] whole(byte[] body, int bytesMax) throws IOException {
        try (var in = unpacked(new ByteArrayInputStream(body))) {
            var frame = in.readNBytes(bytesMax);
            if (in.read() >= 0) {
                throw Fault.TOO_LARGE.because("a frame may have %d bytes".formatted(bytesMax));
            }
            return frame;
        }
    }

    private static void check(ByteBuffer frame) {
        if (frame.limit() < HEADER_BYTES || frame.getInt(0) != MAGIC) {
            throw bad("the body is no frame of version 3");
        }
        int payload = frame.limit() - HEADER_BYTES;
        if (frame.getInt(4) != VERSION || frame.getInt(8) != METRICS_BATCH) {
            throw bad("version %d, type %d: allowed are version %d, type %d"
                    .formatted(frame.getInt(4), frame.getInt(8), VERSION, METRICS_BATCH));
        }
        if (frame.getInt(12) != payload) {
            throw bad("the payload has %d bytes, the header says %d".formatted(payload, frame.getInt(12)));
        }
        checkPayload(frame, payload);
    }

    private static void checkPayload(ByteBuffer frame, int payload) {
        int compression = frame.get(20);
        if (compression != NONE && compression != BY_ZSTD || frame.get(21) != 0) {
            throw bad("compression %d, encryption %d: allowed are 0 (none) or 1 (zstd), and 0"
                    .formatted(compression, frame.get(21)));
        }
        var crc = new CRC32();
        crc.update(frame.slice(HEADER_BYTES, payload));
        if ((int) crc.getValue() != frame.getInt(16)) {
            throw bad("the payload's checksum does not match");
        }
    }

    private static FaultException bad(String what) {
        return Fault.BAD_REQUEST.because(what);
    }

    /** Ends with a failure what unpacks to more than it may. */
    private static final class Limited extends InputStream {
        private final InputStream in;
        private final int bytesMax;
        private long left;

        private Limited(InputStream in, int bytesMax) {
            this.in = in;
            this.bytesMax = bytesMax;
            this.left = bytesMax;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = in.read(into, offset, length);
            left -= Math.max(count, 0);
            if (left < 0) {
                throw Fault.TOO_LARGE.because("a payload may unpack to %d bytes".formatted(bytesMax));
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
