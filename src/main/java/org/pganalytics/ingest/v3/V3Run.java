package org.pganalytics.ingest.v3;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.ingest.BodyDecoder;
import org.pganalytics.ingest.http.Hold;
import org.pganalytics.model.Batch;
import org.pganalytics.model.Intake;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.wire.v3.V3Push;

/**
 * One push from its first piece to its answer, which comes when all of it is settled. Reads on only when there is
 * room, and holds the answer back under overload before it refuses: a refused collector sends all of it again, and
 * more. On one event loop.
 */
final class V3Run {
    private static final long FLUSH_BYTES = 4 << 20;
    private static final long FLUSH_ROWS = 10_000;
    private static final Duration PAUSE_LEAST = Duration.ofMillis(50);

    private final Surroundings around;
    private final V3Push push;
    private final Pieces pieces;
    private final Hold hold;
    private final Promise<Void> done = Promise.promise();
    private long held;
    private long rows;
    private long stored;
    private long repeated;
    private long quarantined;

    /** @param waitNanos longest it waits for room at a time */
    record Surroundings(
            Vertx vertx, Intake intake, BodyDecoder worker, V3Meters meters, LongSupplier nanoClock, long waitNanos) {}

    V3Run(Surroundings around, V3Push push, Pieces pieces, Hold hold) {
        this.around = around;
        this.push = push;
        this.pieces = pieces;
        this.hold = hold;
    }

    /** Completes with the answer after the last commit; a failure leaves settled what was settled. */
    Future<JsonObject> run() {
        step();
        return done.future()
                .onComplete(over -> {
                    count();
                    push.close();
                })
                .map(over -> answer());
    }

    private void step() {
        Future.<Void>succeededFuture()
                .compose(begin -> pieces.next(push))
                .recover(this::broken)
                .compose(more -> room().compose(has -> more && !full() ? Future.succeededFuture() : flush())
                        .map(more))
                .onSuccess(more -> {
                    if (more) {
                        step();
                    } else {
                        done.complete();
                    }
                })
                .onFailure(done::fail);
    }

    private boolean full() {
        return push.gatheredBytes() >= FLUSH_BYTES || push.gatheredRows() >= FLUSH_ROWS;
    }

    /** What nobody can read is set aside, after what came before it; the sender is told all the same. */
    private Future<Boolean> broken(Throwable failure) {
        if (Fault.of(failure) != Fault.UNDECODABLE) {
            return Future.failedFuture(failure);
        }
        var rest = push.unreadable((FaultException) failure, new byte[0]);
        return flush().compose(flushed -> settle(List.of(rest))).compose(settled -> Future.failedFuture(failure));
    }

    /** Counts what the push holds now; without room for it, lets go of what can be settled, and waits for others to. */
    private Future<Void> room() {
        return reserve()
                ? Future.succeededFuture()
                : flush().compose(flushed -> reserve() ? Future.succeededFuture() : wait(this::reserve));
    }

    private boolean reserve() {
        long more = push.bytes() - held;
        if (more > 0 && !hold.more(more)) {
            return false;
        }
        if (more < 0) {
            hold.less(-more);
        }
        held += more;
        return true;
    }

    private interface Attempt {
        boolean succeeds();
    }

    private Future<Void> wait(Attempt attempt) {
        Promise<Void> has = Promise.promise();
        long end = around.nanoClock().getAsLong() + around.waitNanos();
        around.meters().delayed(1);
        around.vertx().setPeriodic(PAUSE_LEAST.toMillis(), timer -> {
            boolean got = attempt.succeeds();
            if (got || around.nanoClock().getAsLong() > end) {
                around.vertx().cancelTimer(timer);
                if (got) {
                    has.complete();
                } else {
                    has.fail(hold.full(push.bytes() - held));
                }
            }
        });
        return has.future();
    }

    /** Columns are made of the rows on a worker; nothing else happens to the push meanwhile. */
    private Future<Void> flush() {
        return around.worker().onWorker(push::flush).compose(this::settle).onSuccess(settled -> reserve());
    }

    /** Completes when each is answered; the first failure is the failure of all. */
    private Future<Void> settle(List<Batch> batches) {
        long end = around.nanoClock().getAsLong() + around.waitNanos();
        return Future.join(batches.stream().map(batch -> settle(batch, end)).toList())
                .mapEmpty();
    }

    private Future<Receipt> settle(Batch batch, long end) {
        return around.intake()
                .accept(batch)
                .onSuccess(receipt -> note(batch, receipt))
                .recover(failure -> again(batch, end, failure));
    }

    private Future<Receipt> again(Batch batch, long end, Throwable failure) {
        var fault = Fault.of(failure);
        boolean mayPass = fault == Fault.RATE_LIMITED || fault == Fault.OVERLOADED || fault == Fault.STORE_DOWN;
        long left = end - around.nanoClock().getAsLong();
        var wait = mayPass ? ((FaultException) failure).retryAfter().orElse(PAUSE_LEAST) : Duration.ZERO;
        if (!mayPass || wait.toNanos() >= left) {
            return Future.failedFuture(failure);
        }
        around.meters().delayed(1);
        return around.vertx()
                .timer(Math.max(wait.toMillis(), PAUSE_LEAST.toMillis()))
                .compose(waited -> settle(batch, end));
    }

    private void note(Batch batch, Receipt receipt) {
        long sent = ((SecondRanges) batch.position()).seconds().count();
        long fresh = ((SecondRanges) receipt.position()).seconds().count();
        repeated += sent - fresh;
        rows += receipt.rows();
        if (receipt.outcome() == Receipt.Outcome.QUARANTINED) {
            quarantined += fresh;
        } else {
            stored += fresh;
        }
    }

    private void count() {
        repeated += push.counts().repeated();
        around.meters().objects("stored", stored);
        around.meters().objects("repeated", repeated);
        around.meters().objects("quarantined", quarantined);
        around.meters().read(push.counts());
    }

    private JsonObject answer() {
        return new JsonObject()
                .put("status", "success")
                .put("metrics_inserted", rows)
                .put("objects_stored", stored)
                .put("objects_repeated", repeated)
                .put("objects_quarantined", quarantined);
    }
}
