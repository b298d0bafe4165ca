package org.pganalytics.model;

import java.util.Optional;
import org.pganalytics.fault.FaultException;

/**
 * Says that a batch is settled: a resend changes nothing. Made by the store only, after COMMIT.
 *
 * @param mark the last settled number of the collector's epoch, at least the batch's own
 * @param rows written by this settlement; 0 unless STORED
 * @param refusal why it was quarantined; empty unless QUARANTINED
 */
public record Receipt(BatchPosition position, Outcome outcome, long mark, int rows, Optional<FaultException> refusal) {

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
