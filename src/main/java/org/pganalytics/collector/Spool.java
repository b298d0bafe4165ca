package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Loss.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's batches on disk, served from a worker of its own: only what is synced is sent, and what was sent stays until
 * it is settled. Called on one event loop, on which its futures complete.
 */
public final class Spool implements BatchSource {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final long READ_BYTES_MAX = 4 << 20;
    private static final int PENDING_MAX = 16;
    private static final long TIDY_EVERY_MILLIS = 1_000;

    private final Vertx vertx;
    private final WorkerExecutor worker;
    private final SpoolKeeper keeper;
    private Runnable onMore = () -> {};
    private Runnable onForgotten = () -> {};
    private int pending;
    private boolean tidying;
    private long ticker = -1;

    private Spool(Vertx vertx, WorkerExecutor worker, SpoolKeeper keeper) {
        this.vertx = vertx;
        this.worker = worker;
        this.keeper = keeper;
    }

    /** Opens or makes the spool in a directory; fails when another process holds it. */
    public static Future<Spool> open(
            Vertx vertx, Path directory, SpoolConfig config, BatchConfig batches, Clock clock) {
        var worker = vertx.createSharedWorkerExecutor("collector-spool-" + directory.toAbsolutePath(), 1);
        return worker.executeBlocking(() -> SpoolKeeper.open(directory, config, batches, clock))
                .map(keeper -> new Spool(vertx, worker, keeper).ticking())
                .onFailure(failure -> worker.close());
    }

    private Spool ticking() {
        ticker = vertx.setPeriodic(TIDY_EVERY_MILLIS, tick -> tidy());
        return this;
    }

    private void tidy() {
        if (!tidying) {
            tidying = true;
            worker.executeBlocking(() -> keeper.tidy()).onComplete(done -> tidying = false);
        }
    }

    /** Tells when the server may lack what was sent before, or something was lost: texts are to be sent again. */
    public void onForgotten(Runnable handler) {
        onForgotten = handler;
    }

    /** Completes when the blocks are synced as one batch: true; or counted as lost, to be declared: false. */
    public Future<Boolean> append(List<ColumnBlock> blocks) {
        if (pending >= PENDING_MAX) {
            keeper.lose(Losses.of(blocks, Reason.SPOOL_BROKEN));
            onForgotten.run();
            return Future.succeededFuture(false);
        }
        pending++;
        var appended = worker.executeBlocking(() -> keeper.append(blocks));
        return appended.onComplete(done -> pending--).map(dropped -> {
            if (!dropped.isEmpty()) {
                onForgotten.run();
            }
            onMore.run();
            return dropped.isEmpty();
        });
    }

    @Override
    public UUID instance() {
        return keeper.instance();
    }

    @Override
    public Future<Void> superseded() {
        LOG.error(
                "another instance of this collector was let in since: a copied or restored state.dir, or a second agent"
                        + " with this identity. This one begins anew as an instance of its own");
        return worker.executeBlocking(() -> keeper.superseded())
                .andThen(done -> onForgotten.run())
                .mapEmpty();
    }

    @Override
    public Future<Course> welcome(Welcomed welcome) {
        LOG.info("a server takes batches, settled so far: {} of epoch {}", welcome.mark(), welcome.epoch());
        return worker.executeBlocking(() -> keeper.welcome(welcome)).map(standing -> {
            if (standing.textsGone()) {
                onForgotten.run();
            }
            return standing.course();
        });
    }

    @Override
    public Future<List<OutgoingBatch>> next(long after, int max) {
        return worker.executeBlocking(() -> keeper.next(after, max, READ_BYTES_MAX));
    }

    @Override
    public void onMore(Runnable handler) {
        onMore = handler;
    }

    @Override
    public void settled(long upTo) {
        worker.executeBlocking(() -> keeper.settle(upTo));
    }

    @Override
    public void refused(long sequence, Fault fault, String detail) {
        if (fault.settles()) {
            LOG.warn("batch {} was refused for good and set aside by the server: {} {}", sequence, fault, detail);
        }
    }

    /** Losses not yet declared, for a test and the status. */
    List<Loss> undeclared() {
        return keeper.undeclared();
    }

    public SpoolStatus status() {
        return keeper.status();
    }

    public Future<Void> close() {
        vertx.cancelTimer(ticker);
        return worker.<Void>executeBlocking(() -> {
                    keeper.close();
                    return null;
                })
                .eventually(() -> worker.close());
    }
}
