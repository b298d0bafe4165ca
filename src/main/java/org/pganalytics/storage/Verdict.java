package org.pganalytics.storage;

import java.util.List;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Receipt;

/** What the ledger decided of a batch, under its lock; it holds once the transaction is committed. */
sealed interface Verdict {
    Work work();

    /**
     * It is settled.
     *
     * @param blocks to be written; none unless STORED
     * @param dropped how many numbers before its own it declares dropped
     * @param ownOrNull of a version 3 batch, what of its content is settled with it
     */
    record Settled(Work work, Receipt receipt, List<EncodedBlock> blocks, long dropped, OwnSeconds ownOrNull)
            implements Verdict {
        boolean stores() {
            return receipt.outcome() == Receipt.Outcome.STORED;
        }

        boolean quarantines() {
            return receipt.outcome() == Receipt.Outcome.QUARANTINED;
        }
    }

    /** It consumes nothing. */
    record Refused(Work work, FaultException fault) implements Verdict {}

    /** Another transaction holds its ledger row. */
    record Locked(Work work) implements Verdict {}
}
