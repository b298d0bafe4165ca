package org.pganalytics.storage;

import java.util.List;
import java.util.function.ToLongFunction;
import org.pganalytics.model.Seconds;

/**
 * What of a version 3 batch is its own to settle, and not settled before: the blocks of these seconds.
 *
 * @param repeatedLines of a log, whose lines come first and one a block: how many were stored before
 */
record OwnSeconds(Seconds seconds, int repeatedLines) {
    private static final long MICROS = 1_000_000;

    /** Of all blocks of the batch, those that are its own. */
    <B> List<B> of(List<B> blocks, ToLongFunction<B> collectedAtMicros) {
        return blocks.stream()
                .skip(repeatedLines)
                .filter(block -> seconds.contains(Math.floorDiv(collectedAtMicros.applyAsLong(block), MICROS)))
                .toList();
    }
}
