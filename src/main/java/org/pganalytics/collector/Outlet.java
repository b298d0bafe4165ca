package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;

/**
 * Where the readers of one target leave what they found: what is to be sent goes to the batcher, and is counted. Lives on
 * one event loop; what takes long where there are many rows is done by a worker.
 */
final class Outlet {
    private final Batcher batcher;
    private final SendingRule sending;
    private final WorkerExecutor worker;
    private long rows;

    Outlet(Batcher batcher, WorkerExecutor worker, Clock clock, RandomGenerator random) {
        this.worker = worker;
        this.batcher = batcher;
        this.sending = new SendingRule(random, clock);
    }

    /**
     * Takes one reading of a family; completes when its rows wait for their batch. Before that the same family must not be
     * read in the same database again.
     *
     * @param database where it was read, or "" where there is none
     * @param found all rows there are now
     */
    Future<Void> give(MetricFamily family, String database, Optional<ColumnBlock> found) {
        var toSend = sending.rowsToSend(family, database, found);
        return worker.executeBlocking(() -> toSend.call().map(RowOrder::byKeys))
                .onSuccess(ordered -> ordered.ifPresent(
                        block -> addOrdered(block).onComplete(kept -> sending.kept(family, database, kept))))
                .mapEmpty();
    }

    /** Takes rows whatever was sent before. @return whether they are on disk */
    Future<Boolean> add(ColumnBlock block) {
        return worker.executeBlocking(() -> RowOrder.byKeys(block)).compose(this::addOrdered);
    }

    /** Makes one block of the parts of a reading; empty when there are none. */
    Future<Optional<ColumnBlock>> join(List<ColumnBlock> parts) {
        return worker.executeBlocking(() -> BlockJoin.of(parts));
    }

    private Future<Boolean> addOrdered(ColumnBlock block) {
        rows += block.rows();
        return batcher.add(block);
    }

    void forget() {
        sending.forget();
    }

    /** Rows given to the batcher since the start. */
    long rows() {
        return rows;
    }
}
