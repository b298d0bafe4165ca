package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.function.Function;
import org.pganalytics.model.FamilySchema;

/** One transaction: ledger rows locked, batches judged, rows, losses and quarantine written, the ledger moved on. */
final class GroupTransaction {
    private final LedgerTable ledger;
    private final SecondsTable seconds;
    private final LossTable losses;
    private final QuarantineTable quarantine;
    private final Function<String, RowWriter> writers;

    /** @param writers how the rows of a family are written */
    GroupTransaction(
            LedgerTable ledger,
            SecondsTable seconds,
            LossTable losses,
            QuarantineTable quarantine,
            Function<String, RowWriter> writers) {
        this.ledger = ledger;
        this.seconds = seconds;
        this.losses = losses;
        this.quarantine = quarantine;
        this.writers = writers;
    }

    /** Runs within an open transaction up to, not with, its COMMIT. One verdict a batch, in their order. */
    Future<List<Verdict>> run(SqlConnection connection, List<Work> works) {
        var epochs = keys(works, Pending.Epoch.class);
        var parts = keys(works, Pending.Part.class);
        return ledger.lock(connection, epochs)
                .compose(found -> seconds.lock(connection, parts).map(rows -> new Judgement(found, rows)))
                .compose(judgement -> {
                    var verdicts = works.stream().map(judgement::of).toList();
                    return write(connection, verdicts, judgement).map(verdicts);
                });
    }

    private static <K extends Pending.Key> List<K> keys(List<Work> works, Class<K> kind) {
        return works.stream()
                .map(work -> work.pending().key())
                .filter(kind::isInstance)
                .map(kind::cast)
                .distinct()
                .toList();
    }

    private Future<Void> write(SqlConnection connection, List<Verdict> verdicts, Judgement judgement) {
        var settled = verdicts.stream()
                .filter(Verdict.Settled.class::isInstance)
                .map(Verdict.Settled.class::cast)
                .toList();
        if (settled.isEmpty()) {
            return Future.succeededFuture();
        }
        var lines =
                settled.stream().flatMap(one -> LossTable.lines(one).stream()).toList();
        var refused = settled.stream().filter(Verdict.Settled::quarantines).toList();
        return writeRows(connection, settled)
                .compose(written -> losses.insert(connection, lines))
                .compose(written -> quarantine.insert(connection, refused))
                // The last statements before COMMIT: were the transaction failed, unseen, they would fail as well.
                .compose(written -> seconds.update(connection, judgement.parts()))
                .compose(written -> ledger.update(connection, judgement.touched()));
    }

    /** One COPY a family; versions of a family with other columns have one each. */
    private Future<Void> writeRows(SqlConnection connection, List<Verdict.Settled> settled) {
        var bySchema = new HashMap<FamilySchema, List<EncodedBlock>>();
        settled.stream()
                .flatMap(one -> one.blocks().stream())
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
