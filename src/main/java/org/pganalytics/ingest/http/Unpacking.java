package org.pganalytics.ingest.http;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.WireLimits;

/**
 * Unpacks a body that was compressed as a whole. Its first bytes tell, since senders exist whose Content-Encoding is
 * wrong. For a worker.
 */
public final class Unpacking {
    private static final int GZIP = 0x1f8b;
    private static final int ZSTD = 0x28b52ffd;
    /** A zstd window of 32 MiB: what a frame may ask for is memory before its first byte. */
    private static final int ZSTD_WINDOW_LOG_MAX = 25;

    private static final int CHUNK_BYTES = 64 << 10;

    private final WireLimits limits;

    Unpacking(WireLimits limits) {
        this.limits = limits;
    }

    public static boolean isPacked(Buffer body) {
        return isGzip(body) || isZstd(body);
    }

    private static boolean isGzip(Buffer body) {
        return body.length() >= 2 && body.getUnsignedShort(0) == GZIP;
    }

    private static boolean isZstd(Buffer body) {
        return body.length() >= 4 && body.getInt(0) == ZSTD;
    }

    /** Returns the body as it is when it is not packed. Fails with BAD_REQUEST, TOO_LARGE or OVERLOADED. */
    Buffer unpack(Buffer body, Hold hold) {
        if (!isPacked(body)) {
            return body;
        }
        try (var in = open(body)) {
            return read(in, body.length(), hold);
        } catch (IOException broken) {
            throw Fault.BAD_REQUEST.because("the compressed body is broken: " + broken.getMessage());
        }
    }

    /** Opens a packed body. */
    public static InputStream open(Buffer body) throws IOException {
        var bytes = new BufferInput(body);
        return isGzip(body)
                ? new GZIPInputStream(bytes, CHUNK_BYTES)
                : new ZstdInputStreamNoFinalizer(bytes).setLongMax(ZSTD_WINDOW_LOG_MAX);
    }

    private Buffer read(InputStream in, int packedBytes, Hold hold) throws IOException {
        var out = Buffer.buffer();
        var chunk = new byte[CHUNK_BYTES];
        for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
            long total = out.length() + (long) count;
            boolean bomb = total > WireLimits.RATIO_FREE_BYTES && total > (long) limits.ratioMax() * packedBytes;
            if (bomb || total > limits.uncompressedBytesMax()) {
                throw Fault.TOO_LARGE.because("a body may unpack to %d bytes and to %d times its length"
                        .formatted(limits.uncompressedBytesMax(), limits.ratioMax()));
            }
            if (!hold.more(count)) {
                throw hold.full(count);
            }
            out.appendBytes(chunk, 0, count);
        }
        return out;
    }

    /** Reads a buffer without a copy of the whole. */
    private static final class BufferInput extends InputStream {
        private final Buffer buffer;
        private int at;

        private BufferInput(Buffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public int read() {
            return at == buffer.length() ? -1 : buffer.getUnsignedByte(at++);
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int count = Math.min(length, available());
            if (count == 0) {
                return length == 0 ? 0 : -1;
            }
            buffer.getBytes(at, at + count, into, offset);
            at += count;
            return count;
        }

        @Override
        public int available() {
            return buffer.length() - at;
        }
    }
}
