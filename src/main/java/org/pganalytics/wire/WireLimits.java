package org.pganalytics.wire;

import org.pganalytics.fault.Limit;

/**
 * What one batch may ask of the memory of its receiver.
 *
 * @param uncompressedBytesMax most bytes of a body, uncompressed, or of native JSON; 1 KiB to 1 GiB, default 64 MiB. The
 *     decoded values may take {@link #cellsMax()} cells.
 * @param ratioMax most uncompressed bytes for one compressed byte, once a body has more than
 *     {@link #RATIO_FREE_BYTES}; 1 to 1,000,000, default 1,000
 * @param rowsMax most rows of a batch; 1 to 10,000,000, default 200,000
 * @param blocksMax most blocks of a batch; 1 to 1,000,000, default 20,000
 */
public record WireLimits(int uncompressedBytesMax, int ratioMax, int rowsMax, int blocksMax) {
    /** Bodies up to this length may be compressed as well as they can be. */
    public static final int RATIO_FREE_BYTES = 1 << 20;

    /** What the vector of a column costs beside its values, in cells. */
    static final int CELLS_A_VECTOR = 16;

    public WireLimits {
        Limit.between("most uncompressed bytes", uncompressedBytesMax, 1 << 10, 1 << 30);
        Limit.between("highest ratio", ratioMax, 1, 1_000_000);
        Limit.between("most rows", rowsMax, 1, 10_000_000);
        Limit.between("most blocks", blocksMax, 1, 1_000_000);
    }

    public static WireLimits standard() {
        return new WireLimits(64 << 20, 1_000, 200_000, 20_000);
    }

    /**
     * Most cells (a value of 8 bytes, in memory) that all blocks together may have, since a constant column is a few
     * bytes on the wire whatever its rows; each column of a block counts for 16 more, and a text for its length in each
     * row it stands in.
     */
    public long cellsMax() {
        return Math.max(1 << 16, uncompressedBytesMax / 4);
    }
}
