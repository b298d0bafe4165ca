package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.pganalytics.model.ColumnBlock;

/** Gathers blocks until they make a batch, by rows, by bytes or by time. Lives on one event loop. */
final class Batcher {
    private final Vertx vertx;
    private BatchConfig config;
    private final Function<List<ColumnBlock>, Future<Boolean>> spool;
    private List<ColumnBlock> waiting = new ArrayList<>();
    private Promise<Boolean> told = Promise.promise();
    private int rows;
    private long bytes;
    private long timer = -1;

    /** @param spool keeps a batch; its answer says whether it did */
    Batcher(Vertx vertx, BatchConfig config, Function<List<ColumnBlock>, Future<Boolean>> spool) {
        this.vertx = vertx;
        this.config = config;
        this.spool = spool;
    }

    /** Makes batches by other limits from now on. */
    void follow(BatchConfig fresh) {
        if (!fresh.equals(config)) {
            flush();
            config = fresh;
        }
    }

    /** Completes when the block is on disk, with false when it could not be kept (and is declared lost). */
    Future<Boolean> add(ColumnBlock block) {
        var kept = new ArrayList<Future<Boolean>>();
        for (var piece : BlockPieces.of(block, config.rowsMax(), config.bytesMax())) {
            kept.add(addPiece(piece));
        }
        return Future.all(kept).map(all -> all.<Boolean>list().stream().allMatch(one -> one));
    }

    private Future<Boolean> addPiece(ColumnBlock piece) {
        long pieceBytes = BlockPieces.bytes(piece);
        if (rows + piece.rows() > config.rowsMax() || bytes + pieceBytes > config.bytesMax()) {
            flush();
        }
        if (waiting.isEmpty()) {
            timer = vertx.setTimer(config.flushAfter().toMillis(), due -> flush());
        }
        waiting.add(piece);
        rows += piece.rows();
        bytes += pieceBytes;
        return told.future();
    }

    /** Spools what waits; completes when all of it is settled one way or the other. */
    Future<Boolean> flush() {
        vertx.cancelTimer(timer);
        if (waiting.isEmpty()) {
            return Future.succeededFuture(true);
        }
        var batch = waiting;
        var promise = told;
        waiting = new ArrayList<>();
        told = Promise.promise();
        rows = 0;
        bytes = 0;
        spool.apply(batch).onComplete(promise);
        return promise.future();
    }
}
