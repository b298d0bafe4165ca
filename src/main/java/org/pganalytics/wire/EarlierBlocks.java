package org.pganalytics.wire;

import java.util.HashMap;
import java.util.Map;
import org.pganalytics.model.ColumnBlock;

/** The last block of each family and target within one batch: the next one may say only what has changed. */
final class EarlierBlocks {
    private final Map<Source, ColumnBlock> blocks = new HashMap<>();

    private record Source(long fingerprint, String target) {}

    ColumnBlock find(long fingerprint, String target) {
        return blocks.get(new Source(fingerprint, target));
    }

    /** Puts the block in the place of the one before, which is returned; null when there was none. */
    ColumnBlock replace(ColumnBlock block) {
        return blocks.put(new Source(block.schema().fingerprint(), block.target()), block);
    }
}
