package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Receipt;

/** One transaction: ledger rows locked, batches judged, rows, losses and quarantine written, the ledger moved on. */
final class GroupTransaction {
    private final LedgerTable ledger;
    private final LossTable losses;
    private final QuarantineTable quarantine;
    private final Function<String, RowWriter> writers;

    /** @param writers how the rows of a family are written */
    GroupTransaction(
            LedgerTable ledger, LossTable losses, QuarantineTable quarantine, Function<String, RowWriter> writers) {
        this.ledger = ledger;
        this.losses = losses;
        this.quarantine = quarantine;
        this.writers = writers;
    }

    /** Runs within an open transaction up to, not with, its COMMIT. One verdict a batch, in their order. */
    Future<List<Verdict>> run(SqlConnection connection, List<Work> works) {
        var keys = works.stream().map(work -> work.pending().key()).distinct().toList();
        return ledger.lock(connection, keys).compose(found -> {
            var verdicts = works.stream()
                    .map(work -> judge(work, found.get(work.pending().key())))
                    .toList();
            return write(connection, verdicts, touched(found)).map(verdicts);
        });
    }

    private static Verdict judge(Work work, LedgerTable.Found found) {
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
        var standing = row.judge(batch.position(), batch.digest());
        if (standing != LedgerRow.Standing.NEXT) {
            var outcome = standing == LedgerRow.Standing.DUPLICATE
                    ? Receipt.Outcome.DUPLICATE
                    : Receipt.Outcome.DUPLICATE_UNVERIFIED;
            return new Verdict.Settled(
                    work, new Receipt(batch.position(), outcome, row.mark(), 0, Optional.empty()), 0);
        }
        long dropped = row.settle(batch.position(), batch.digest());
        var receipt = work.refusal() == null
                ? new Receipt(batch.position(), Receipt.Outcome.STORED, row.mark(), batch.rows(), Optional.empty())
                : new Receipt(
                        batch.position(), Receipt.Outcome.QUARANTINED, row.mark(), 0, Optional.of(work.refusal()));
        return new Verdict.Settled(work, receipt, dropped);
    }

    private static Map<Pending.Key, LedgerRow> touched(Map<Pending.Key, LedgerTable.Found> found) {
        var touched = new HashMap<Pending.Key, LedgerRow>();
        found.forEach((key, row) -> {
            if (row.row() != null && row.row().touched()) {
                touched.put(key, row.row());
            }
        });
        return touched;
    }

    private Future<Void> write(SqlConnection connection, List<Verdict> verdicts, Map<Pending.Key, LedgerRow> touched) {
        if (touched.isEmpty()) {
            return Future.succeededFuture();
        }
        var settled = verdicts.stream()
                .filter(Verdict.Settled.class::isInstance)
                .map(Verdict.Settled.class::cast)
                .toList();
        var lines =
                settled.stream().flatMap(one -> LossTable.lines(one).stream()).toList();
        var refused = settled.stream().filter(Verdict.Settled::quarantines).toList();
        return writeRows(connection, settled)
                .compose(written -> losses.insert(connection, lines))
                .compose(written -> quarantine.insert(connection, refused))
                // The last statement before COMMIT: were the transaction failed, unseen, this would fail as well.
                .compose(written -> ledger.update(connection, touched));
    }

    /** One COPY a family; versions of a family with other columns have one each. */
    private Future<Void> writeRows(SqlConnection connection, List<Verdict.Settled> settled) {
        var bySchema = new HashMap<FamilySchema, List<EncodedBlock>>();
        settled.stream()
                .filter(Verdict.Settled::stores)
                .flatMap(one -> one.work().blocks().stream())
                .forEach(block -> bySchema.computeIfAbsent(block.block().schema(), schema -> new ArrayList<>())
                        .add(block));
        // In one order on all servers, so that tables are locked alike.
        var inOrder = bySchema.values().stream()
                .sorted(Comparator.comparing(blocks -> blocks.get(0).family()))
                .toList();
        Future<Void> written = Future.succeededFuture();
        for (var blocks : inOrder) {
            written = written.compose(
                    before -> writers.apply(blocks.get(0).family()).write(connection, blocks));
        }
        return written;
    }
}
