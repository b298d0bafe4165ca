package org.pganalytics.storage;

import io.netty.buffer.ByteBuf;
import org.pganalytics.model.ColumnBlock;

/**
 * A block that is ready to be written.
 *
 * @param copy its rows as COPY sends them; empty when they go another way. Owned by whoever encoded it
 */
record EncodedBlock(ColumnBlock block, int targetId, ByteBuf copy) {
    String family() {
        return block.schema().family();
    }

    int rows() {
        return block.rows();
    }

    void release() {
        copy.release();
    }
}
