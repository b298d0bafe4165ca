package org.pganalytics.wire;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;

/**
 * What a body's columns are written on before it is known which form is the shortest: reused from column to column, since
 * columns are many and mostly small. For one body, by one thread.
 */
final class Drafts implements AutoCloseable {
    /** What the plain form would come to in the body. */
    private static final int ZSTD_LEVEL = 3;

    private static final int NO_LIMIT = Integer.MAX_VALUE - 16;

    private final BytesOut plain = new BytesOut(NO_LIMIT);
    private final BytesOut modelled = new BytesOut(NO_LIMIT);
    private final BytesOut coded = new BytesOut(NO_LIMIT);
    private final BytesOut copied = new BytesOut(NO_LIMIT);
    private final SizeCounts sizes = new SizeCounts();
    private final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(ZSTD_LEVEL);
    private byte[] compressed = {};
    private long[] tried = {};
    private long[] chosen = {};

    BytesOut plain() {
        return plain.clear();
    }

    BytesOut modelled() {
        return modelled.clear();
    }

    /** Bits at odds, of a modelled column. */
    BytesOut coded() {
        return coded.clear();
    }

    /** The bits of it that are as likely as not. */
    BytesOut copied() {
        return copied.clear();
    }

    /** At least so many numbers, to be written over by the next that are tried, unless they are {@link #choose}n. */
    long[] tried(int count) {
        if (tried.length < count) {
            tried = new long[Math.max(count, 2 * tried.length)];
        }
        return tried;
    }

    /** What was tried last stays until something else is chosen. */
    void choose() {
        var before = chosen;
        chosen = tried;
        tried = before;
    }

    SizeCounts sizes() {
        return sizes;
    }

    /** How many bytes zstd makes of these. */
    int compressedBytes(BytesOut bytes) {
        int most = (int) Zstd.compressBound(bytes.length());
        if (compressed.length < most) {
            compressed = new byte[Math.max(most, 2 * compressed.length)];
        }
        return zstd.compressByteArray(compressed, 0, compressed.length, bytes.array(), 0, bytes.length());
    }

    @Override
    public void close() {
        zstd.close();
    }
}
