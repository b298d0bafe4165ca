package org.pganalytics.ingest;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Intake;
import org.pganalytics.model.Ledger;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.model.Standing;

/** A ledger in memory that keeps the rules of docs/protocol.md, and fails on command. */
public final class FakeStore implements Intake, Ledger {
    private static final class Row {
        private int epoch;
        private long mark;
        private UUID instance;
        private UUID session;
        private final Map<Long, Digest> digests = new HashMap<>();
    }

    private final Vertx vertx;
    private final Map<UUID, Row> rows = new HashMap<>();
    private final List<Promise<Void>> held = new ArrayList<>();
    public final List<Batch> stored = new ArrayList<>();
    public final List<Batch> quarantined = new ArrayList<>();
    /** Each call of accept asks the first of these whether to refuse. */
    public final ConcurrentLinkedDeque<Function<Batch, Optional<FaultException>>> accidents =
            new ConcurrentLinkedDeque<>();

    /** What a batch is told before it is read. */
    public volatile Optional<FaultException> full = Optional.empty();

    public volatile Optional<FaultException> openFails = Optional.empty();
    public volatile Duration lease = Duration.ofSeconds(30);
    /** Negative: answers at once; else after so many milliseconds. */
    public volatile long delayMillis = -1;

    public volatile boolean holding;
    public int accepts;
    public int renewals;
    public int releases;

    public FakeStore(Vertx vertx) {
        this.vertx = vertx;
    }

    public void refuseNext(FaultException why) {
        accidents.add(batch -> Optional.of(why));
    }

    /** Lets all answers go that were held back. */
    public void letGo() {
        holding = false;
        List<Promise<Void>> all;
        synchronized (this) {
            all = List.copyOf(held);
            held.clear();
        }
        all.forEach(Promise::tryComplete);
    }

    public synchronized int heldAnswers() {
        return held.size();
    }

    @Override
    public Future<Receipt> accept(Batch batch) {
        synchronized (this) {
            accepts++;
        }
        return pause().compose(go -> settle(batch));
    }

    @Override
    public Optional<FaultException> refusalNow(UUID collector, long bytes) {
        return full;
    }

    private Future<Void> pause() {
        if (holding) {
            Promise<Void> promise = Promise.promise();
            synchronized (this) {
                held.add(promise);
            }
            var context = vertx.getOrCreateContext();
            Promise<Void> here = Promise.promise();
            promise.future().onComplete(done -> context.runOnContext(run -> here.complete()));
            return here.future();
        }
        return delayMillis < 0
                ? Future.succeededFuture()
                : vertx.timer(Math.max(1, delayMillis)).mapEmpty();
    }

    private synchronized Future<Receipt> settle(Batch batch) {
        var accident = accidents.poll();
        var why = accident == null ? Optional.<FaultException>empty() : accident.apply(batch);
        if (why.isPresent()) {
            return Future.failedFuture(why.get());
        }
        return batch.position() instanceof SecondRanges ? Future.succeededFuture(unnumbered(batch)) : numbered(batch);
    }

    private Receipt unnumbered(Batch batch) {
        (batch.content() instanceof BatchContent.Undecodable ? quarantined : stored).add(batch);
        return new Receipt(batch.position(), Receipt.Outcome.STORED, 0, batch.rows(), Optional.empty());
    }

    private Future<Receipt> numbered(Batch batch) {
        var row = rows.get(batch.collector());
        var position = batch.number();
        if (row == null || row.epoch != position.epoch()) {
            return Future.failedFuture((row == null ? Fault.COLLECTOR_UNKNOWN : Fault.EPOCH_OLD).because("x"));
        }
        if (position.sequence() <= row.mark) {
            return duplicate(batch, row);
        }
        if (position.coversFrom() > row.mark + 1) {
            return Future.failedFuture(Fault.POSITION_GAP.because("gap").expecting(row.mark + 1));
        }
        row.mark = position.sequence();
        row.digests.put(position.sequence(), batch.digest());
        return Future.succeededFuture(kept(batch, row));
    }

    private Future<Receipt> duplicate(Batch batch, Row row) {
        boolean same = batch.digest().equals(row.digests.get(batch.number().sequence()));
        return same
                ? Future.succeededFuture(
                        new Receipt(batch.number(), Receipt.Outcome.DUPLICATE, row.mark, 0, Optional.empty()))
                : Future.failedFuture(Fault.POSITION_CONFLICT.because("another batch has this number"));
    }

    private Receipt kept(Batch batch, Row row) {
        if (batch.content() instanceof BatchContent.Undecodable bad) {
            quarantined.add(batch);
            return new Receipt(batch.number(), Receipt.Outcome.QUARANTINED, row.mark, 0, Optional.of(bad.refusal()));
        }
        stored.add(batch);
        return new Receipt(batch.number(), Receipt.Outcome.STORED, row.mark, batch.rows(), Optional.empty());
    }

    @Override
    public synchronized Future<Standing> open(UUID collector, UUID instance, UUID session) {
        if (openFails.isPresent()) {
            return Future.failedFuture(openFails.get());
        }
        var row = rows.computeIfAbsent(collector, added -> new Row());
        if (!instance.equals(row.instance)) {
            row.instance = instance;
            row.epoch++;
            row.mark = 0;
            row.digests.clear();
        }
        row.session = session;
        return Future.succeededFuture(new Standing(row.epoch, row.mark, lease));
    }

    @Override
    public synchronized Future<Void> renew(UUID collector, int epoch, UUID session) {
        renewals++;
        return session.equals(rows.get(collector).session)
                ? Future.succeededFuture()
                : Future.failedFuture(Fault.SESSION_REPLACED.because("another session"));
    }

    @Override
    public synchronized Future<Void> release(UUID collector, int epoch, UUID session) {
        releases++;
        return Future.succeededFuture();
    }

    /** What a session on another server would do. */
    public synchronized void takeOver(UUID collector) {
        rows.get(collector).session = UUID.randomUUID();
    }

    public synchronized List<Long> sequences() {
        return stored.stream().map(batch -> batch.number().sequence()).toList();
    }
}
