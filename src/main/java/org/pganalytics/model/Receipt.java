package org.pganalytics.model;

import java.util.Optional;
import org.pganalytics.fault.FaultException;

/**
 * Says that a batch is settled: a resend changes nothing. Made by the store only, after COMMIT.
 *
 * @param mark the last settled number of the collector's epoch, at least the batch's own; 0 for a version 3 push
 * @param position the batch's; of a version 3 push, with the seconds that were new
 * @param rows written by this settlement; 0 unless STORED
 * @param refusal why it was quarantined; empty unless QUARANTINED
 */
public record Receipt(Position position, Outcome outcome, long mark, int rows, Optional<FaultException> refusal) {

    /** The position of a batch of ours. */
    public BatchPosition number() {
        return (BatchPosition) position;
    }

    /** What became of the batch. */
    public enum Outcome {
        STORED,
        /** Settled before, with the same digest. */
        DUPLICATE,
        /** Settled before, too long ago for its digest to be kept. */
        DUPLICATE_UNVERIFIED,
        /** Content refused for ever, set aside, its number consumed. */
        QUARANTINED
    }
}
