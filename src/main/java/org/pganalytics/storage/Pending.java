package org.pganalytics.storage;

import io.vertx.core.Promise;
import java.util.UUID;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.SecondRanges;

/**
 * A batch that waits for its answer.
 *
 * @param memoryBytes about what it holds in memory
 * @param arrivedNanos by the store's monotonic clock
 */
record Pending(Batch batch, Promise<Receipt> answer, long memoryBytes, long arrivedNanos) {

    /** The row that says what of a batch was settled before. */
    sealed interface Key {
        UUID collector();
    }

    /** A row of the ledger. */
    record Epoch(UUID collector, int epoch) implements Key {}

    /** A row of what was stored of version 3 collectors. */
    record Part(UUID collector, String type, String database) implements Key {}

    Key key() {
        return batch.position() instanceof SecondRanges seconds
                ? new Part(batch.collector(), seconds.type(), seconds.database())
                : new Epoch(batch.collector(), batch.number().epoch());
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
