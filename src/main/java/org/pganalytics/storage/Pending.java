package org.pganalytics.storage;

import io.vertx.core.Promise;
import java.util.UUID;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Receipt;

/**
 * A batch that waits for its answer.
 *
 * @param memoryBytes about what it holds in memory
 * @param arrivedNanos by the store's monotonic clock
 */
record Pending(Batch batch, Promise<Receipt> answer, long memoryBytes, long arrivedNanos) {

    /** The ledger row a batch belongs to; sorted as PostgreSQL sorts, so that all servers lock in one order. */
    record Key(UUID collector, int epoch) {}

    Key key() {
        return new Key(batch.collector(), batch.position().epoch());
    }

    /** The body as it came and its columns, roughly: what counts is that it is never far too low. */
    static long memoryBytes(Batch batch) {
        long bytes = 512L + batch.bytes();
        if (batch.content() instanceof BatchContent.Decoded decoded) {
            for (var block : decoded.blocks()) {
                bytes += memoryBytes(block);
            }
        }
        return bytes;
    }

    private static long memoryBytes(ColumnBlock block) {
        // Once as columns, once as rows of a COPY.
        long bytes = 20L * block.rows() * block.vectors().size();
        for (var vector : block.vectors()) {
            if (vector instanceof ColumnVector.Texts texts) {
                for (var text : texts.dictionary()) {
                    bytes += 16L + text.length;
                }
                bytes += texts.bytesOfAllRows();
            }
        }
        return bytes;
    }
}
