package org.pganalytics.storage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.Receipt.Outcome;
import org.pganalytics.model.SecondRanges;

/**
 * Decides, under the locks of a transaction, what becomes of its batches, one after the other.
 *
 * @param epochs the ledger's rows
 * @param parts rows of version 3 collectors; one that is not here is held by somebody else
 */
record Judgement(Map<Pending.Epoch, LedgerTable.Found> epochs, Map<Pending.Part, SecondsRow> parts) {
    Verdict of(Work work) {
        return work.pending().key() instanceof Pending.Part part
                ? ofPart(work, parts.get(part))
                : ofEpoch(work, epochs.get(work.pending().key()));
    }

    private static Verdict ofEpoch(Work work, LedgerTable.Found found) {
        if (found.locked()) {
            return new Verdict.Locked(work);
        }
        if (found.refusal() != null) {
            return new Verdict.Refused(work, found.refusal());
        }
        try {
            return settle(work, found.row());
        } catch (FaultException refused) {
            return new Verdict.Refused(work, refused);
        }
    }

    private static Verdict settle(Work work, LedgerRow row) {
        var batch = work.pending().batch();
        var standing = row.judge(batch.number(), batch.digest());
        if (standing != LedgerRow.Standing.NEXT) {
            var outcome = standing == LedgerRow.Standing.DUPLICATE ? Outcome.DUPLICATE : Outcome.DUPLICATE_UNVERIFIED;
            return nothing(work, new Receipt(batch.position(), outcome, row.mark(), 0, Optional.empty()));
        }
        long dropped = row.settle(batch.number(), batch.digest());
        if (work.refusal() != null) {
            var why = Optional.of(work.refusal());
            var receipt = new Receipt(batch.position(), Outcome.QUARANTINED, row.mark(), 0, why);
            return new Verdict.Settled(work, receipt, List.of(), dropped, null);
        }
        var receipt = new Receipt(batch.position(), Outcome.STORED, row.mark(), batch.rows(), Optional.empty());
        return new Verdict.Settled(work, receipt, work.blocks(), dropped, null);
    }

    private static Verdict ofPart(Work work, SecondsRow row) {
        if (row == null) {
            return new Verdict.Locked(work);
        }
        var fresh = row.fresh((SecondRanges) work.pending().batch().position(), work.blocks());
        row.settle(fresh.position());
        if (fresh.position().seconds().isEmpty()) {
            return nothing(work, new Receipt(fresh.position(), Outcome.DUPLICATE, 0, 0, Optional.empty()));
        }
        if (work.refusal() != null) {
            var why = Optional.of(work.refusal());
            var receipt = new Receipt(fresh.position(), Outcome.QUARANTINED, 0, 0, why);
            return new Verdict.Settled(work, receipt, List.of(), 0, fresh.own());
        }
        int rows = fresh.blocks().stream().mapToInt(EncodedBlock::sentRows).sum();
        var receipt = new Receipt(fresh.position(), Outcome.STORED, 0, rows, Optional.empty());
        return new Verdict.Settled(work, receipt, fresh.blocks(), 0, fresh.own());
    }

    private static Verdict nothing(Work work, Receipt receipt) {
        return new Verdict.Settled(work, receipt, List.of(), 0, null);
    }

    /** The ledger's rows that answers depend on. */
    Map<Pending.Epoch, LedgerRow> touched() {
        var touched = new HashMap<Pending.Epoch, LedgerRow>();
        epochs.forEach((key, found) -> {
            if (found.row() != null && found.row().touched()) {
                touched.put(key, found.row());
            }
        });
        return touched;
    }
}
