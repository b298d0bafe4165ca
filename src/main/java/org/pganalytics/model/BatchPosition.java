package org.pganalytics.model;

/**
 * Where a batch stands in what its collector sends.
 *
 * @param epoch given by the server to one instance of the collector's spool; 1 and up
 * @param sequence 1 and up, without gaps
 * @param coversFrom the first number this batch settles: its own, or that of the first batch dropped before it
 */
public record BatchPosition(int epoch, long sequence, long coversFrom) implements Position {
    public BatchPosition {
        if (epoch < 1 || coversFrom < 1 || sequence < coversFrom) {
            throw new IllegalArgumentException("epoch %d, sequence %d, covers_from %d: allowed are epoch >= 1 and"
                            .formatted(epoch, sequence, coversFrom)
                    + " 1 <= covers_from <= sequence");
        }
    }

    /** How many numbers before its own this batch declares dropped. */
    public long dropped() {
        return sequence - coversFrom;
    }
}
