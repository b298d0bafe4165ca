package org.pganalytics.storage;

import io.netty.buffer.ByteBuf;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.storage.series.Folding;

/**
 * A block that is ready to be written.
 *
 * @param copy its rows as COPY sends them; empty when they go another way. Owned by whoever encoded it
 * @param folding what was folded of the block that was sent
 */
record EncodedBlock(ColumnBlock block, int targetId, ByteBuf copy, Folding folding) {
    EncodedBlock(ColumnBlock block, int targetId, ByteBuf copy) {
        this(block, targetId, copy, Folding.NONE);
    }

    EncodedBlock with(Folding what) {
        return what.rows() == 0 ? this : new EncodedBlock(block, targetId, copy, what);
    }

    String family() {
        return block.schema().family();
    }

    /** Rows as they were sent: those folded, and not the row in their place. */
    int sentRows() {
        return rows() - folding.made() + folding.rows();
    }

    int rows() {
        return block.rows();
    }

    void release() {
        copy.release();
    }
}
