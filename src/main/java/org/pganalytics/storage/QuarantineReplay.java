package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.util.List;
import org.pganalytics.bus.Bus;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.KeptBodies;
import org.pganalytics.storage.QuarantinedBatch.State;
import org.pganalytics.storage.series.SeriesLimits;

/**
 * Stores the rows of a quarantined batch when its cause is mended. Rows and mark are one transaction, apart from the ledger:
 * whoever asks again, because the answer was lost, is told what happened then.
 */
public final class QuarantineReplay {
    private static final int TRIES_MAX = 3;

    private final Quarantine quarantine;
    private final Tables tables;
    private final KeptBodies bodies;
    private final Transactions transactions;
    private final BlockEncoding encoding;
    private final FamilyWriter rows;
    private final FoldedRows folded;
    private final RollUpDue rollUps;

    /** What it leans on. @param pool without a statement timeout */
    public record Surroundings(
            Pool pool, Tables tables, KeptBodies bodies, SeriesLimits series, Bus bus, Clock clock) {}

    public QuarantineReplay(Quarantine quarantine, StorageConfig config, Surroundings around) {
        this.quarantine = quarantine;
        this.tables = around.tables();
        this.bodies = around.bodies();
        this.folded = new FoldedRows(around.bus(), around.series());
        this.transactions = BatchStore.transactions(config, around.pool());
        var writers = BlockEncoding.writers(config, tables);
        var check = new BatchCheck(tables, around.clock(), config.clockAhead());
        this.encoding = new BlockEncoding(check, tables, writers, around.series());
        this.rows = new FamilyWriter(writers);
        this.rollUps = new RollUpDue(tables);
    }

    /**
     * Completes after the commit. Fails with NOT_FOUND; with CONFLICT when it was discarded or has no body; with the fault
     * that its content is refused with still.
     *
     * @param actor who does it, for the audit
     */
    public Future<QuarantinedBatch> replay(long id, String actor) {
        return quarantine
                .kept(id)
                .compose(kept -> kept.batch().state() == State.REPLAYED
                        ? Future.succeededFuture(kept.batch())
                        : store(kept, actor, 1));
    }

    private Future<QuarantinedBatch> store(Quarantine.Kept kept, String actor, int tries) {
        var batch = kept.batch().waiting();
        long generation = tables.generation();
        return bodies.read(new Batch.Raw(batch.mediaType(), kept.body()))
                .map(content -> own(kept, content))
                .compose(content -> encoding.ready(batch.collector(), content))
                .map(ready -> encoding.encode(null, ready))
                .compose(blocks -> transactions
                        .run(tx -> write(tx, batch, blocks, generation, actor))
                        .onSuccess(written -> count(written, blocks))
                        .onComplete(done -> blocks.forEach(EncodedBlock::release)))
                .map(Written::batch)
                .recover(failure -> tries < TRIES_MAX
                        ? readyForAnotherTry(failure).compose(ready -> store(kept, actor, tries + 1))
                        : Future.failedFuture(refusal(failure)));
    }

    /** @param here whether this replay wrote its rows, not another one that was faster */
    private record Written(QuarantinedBatch batch, boolean here) {}

    private void count(Written written, List<EncodedBlock> blocks) {
        if (written.here()) {
            folded.committed(written.batch().collector(), blocks);
        }
    }

    /** Seconds that were settled before this batch came are rows already, or wait in another kept body. */
    private static BatchContent own(Quarantine.Kept kept, BatchContent content) {
        return kept.own().isPresent() && content instanceof BatchContent.Decoded decoded
                ? new BatchContent.Decoded(kept.own().get().of(decoded.blocks(), ColumnBlock::collectedAtMicros))
                : content;
    }

    /** Fails when another try would end as this one did; what is known of changed tables is read anew first. */
    private Future<Void> readyForAnotherTry(Throwable failure) {
        if (failure instanceof Transactions.Withdrawn) {
            return Future.succeededFuture();
        }
        return switch (SqlFailure.of(failure)) {
            case RETRY -> Future.succeededFuture();
            case STALE -> tables.refresh();
            default -> Future.failedFuture(refusal(failure));
        };
    }

    /** Under the lock of its row: of two who replay the same one stores, and the other finds it stored. */
    private Future<Written> write(
            SqlConnection tx, QuarantinedBatch batch, List<EncodedBlock> blocks, long generation, String actor) {
        if (tables.generation() != generation) {
            return Future.failedFuture(new Transactions.Withdrawn("the database was connected to anew"));
        }
        return Quarantine.lock(tx, batch.id())
                .compose(now -> now.state() == State.REPLAYED
                        ? Future.succeededFuture(new Written(now, false))
                        : rows.write(tx, blocks)
                                .compose(written -> rollUps.insert(tx, blocks))
                                .compose(written -> quarantine.settle(
                                        tx,
                                        now.waiting(),
                                        State.REPLAYED,
                                        blocks.stream()
                                                .mapToInt(EncodedBlock::sentRows)
                                                .sum(),
                                        actor))
                                .map(replayed -> new Written(replayed, true)));
    }

    private static FaultException refusal(Throwable failure) {
        if (failure instanceof FaultException known) {
            return known;
        }
        return switch (SqlFailure.of(failure)) {
            case ROWS, STALE ->
                Fault.BAD_DATA.because("the database refuses these rows: " + failure.getMessage(), failure);
            default -> Fault.STORE_DOWN.because("the database did not take the batch; ask again", failure);
        };
    }
}
