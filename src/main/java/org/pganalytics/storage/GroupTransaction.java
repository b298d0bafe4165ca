package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/** One transaction: ledger rows locked, batches judged, rows, losses and quarantine written, the ledger moved on. */
final class GroupTransaction {
    private final LedgerTable ledger;
    private final SecondsTable seconds;
    private final LossTable losses;
    private final QuarantineTable quarantine;
    private final FamilyWriter rows;
    private final CommittedTexts texts;
    private final RollUpDue rollUps;

    /** What is kept of batches besides their rows. */
    record Books(LedgerTable ledger, SecondsTable seconds, LossTable losses, QuarantineTable quarantine) {}

    GroupTransaction(Books books, FamilyWriter rows, CommittedTexts texts, RollUpDue rollUps) {
        this.ledger = books.ledger();
        this.seconds = books.seconds();
        this.losses = books.losses();
        this.quarantine = books.quarantine();
        this.rows = rows;
        this.texts = texts;
        this.rollUps = rollUps;
    }

    /** For one {@link #run}. @param generation of the tables that it writes to */
    CommittedTexts.Claim claim(long generation) {
        return texts.claim(generation);
    }

    /**
     * Runs within an open transaction up to, not with, its COMMIT. One verdict a batch, in their order.
     *
     * @param claim what it writes of texts; to be told of the COMMIT
     */
    Future<List<Verdict>> run(SqlConnection connection, List<Work> works, CommittedTexts.Claim claim) {
        var epochs = keys(works, Pending.Epoch.class);
        var parts = keys(works, Pending.Part.class);
        return ledger.lock(connection, epochs)
                .compose(found -> seconds.lock(connection, parts).map(rows -> new Judgement(found, rows)))
                .compose(judgement -> {
                    var verdicts = works.stream().map(judgement::of).toList();
                    return write(connection, verdicts, judgement, claim).map(verdicts);
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

    private Future<Void> write(
            SqlConnection connection, List<Verdict> verdicts, Judgement judgement, CommittedTexts.Claim claim) {
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
        var blocks =
                settled.stream().flatMap(one -> claim.toWrite(one).stream()).toList();
        return rows.write(connection, blocks)
                .compose(written -> losses.insert(connection, lines))
                .compose(written -> quarantine.insert(connection, refused))
                .compose(written -> settle(connection, blocks, judgement));
    }

    /**
     * The last statements before COMMIT: were the transaction failed, unseen, they would fail as well. They follow each
     * other without waiting, so that what is noted for the roll-ups costs no round trip.
     */
    private Future<Void> settle(SqlConnection connection, List<EncodedBlock> blocks, Judgement judgement) {
        var noted = rollUps.insert(connection, blocks);
        var settled = seconds.update(connection, judgement.parts())
                .compose(written -> ledger.update(connection, judgement.touched()));
        return Future.join(noted, settled).mapEmpty();
    }
}
