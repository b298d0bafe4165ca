package org.pganalytics.storage;

import static org.pganalytics.fault.Fault.STORE_DOWN;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A queue of batches and one transaction at a time that writes what has gathered. A collector's batches go through one
 * lane, so that their order holds. Its fields are touched on its own context only.
 */
final class Lane extends VerticleBase {
    /** Between two looks at a ledger row that somebody else holds. */
    private static final long LOCKED_PAUSE_MILLIS = 20;

    private final StorageConfig config;
    private final GroupWriter writer;
    private final StoreHealth health;
    private final StalledHolders holders;
    private final Answers answers;
    private final LongSupplier nanoClock;
    private final GroupMeters meters;
    private final Linger linger;

    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    /** Since when a ledger row was found held by others. */
    private final Map<Pending.Key, Long> lockedSince = new HashMap<>();

    private Context home;
    private long queuedRows;
    private long queuedBytes;
    private boolean writing;
    private long timer = -1;
    private long holdersEndedAt;
    private Promise<Void> drained;

    /** What a lane works with. */
    record Parts(
            GroupWriter writer,
            StoreHealth health,
            StalledHolders holders,
            Answers answers,
            LongSupplier nanoClock,
            GroupMeters meters) {}

    Lane(StorageConfig config, Parts parts) {
        this.config = config;
        this.writer = parts.writer();
        this.health = parts.health();
        this.holders = parts.holders();
        this.answers = parts.answers();
        this.nanoClock = parts.nanoClock();
        this.meters = parts.meters();
        this.linger = new Linger(config.linger());
    }

    @Override
    public Future<?> start() {
        home = context;
        holdersEndedAt = nanoClock.getAsLong();
        return Future.succeededFuture();
    }

    /** From any thread. */
    void offer(Pending batch) {
        home.runOnContext(here -> {
            add(batch);
            proceed();
        });
    }

    /** Completes when all that was offered is answered. */
    Future<Void> drain() {
        Promise<Void> done = Promise.promise();
        home.runOnContext(here -> {
            drained = done;
            proceed();
        });
        return done.future();
    }

    private void add(Pending batch) {
        queue.addLast(batch);
        queuedRows += batch.batch().rows();
        queuedBytes += batch.memoryBytes();
        meters.waiting(queue.size());
    }

    /** Writes a group when it is time for one; else sees to it that it comes to be. */
    private void proceed() {
        if (writing || queue.isEmpty()) {
            finishDraining();
            return;
        }
        if (!health.takes()) {
            refuseAll();
            return;
        }
        long waitMillis = linger.millis() - waitedMillis(queue.peekFirst().arrivedNanos());
        if (waitMillis <= 0 || drained != null || isFull()) {
            writeGroup();
        } else if (timer < 0) {
            timer = vertx.setTimer(waitMillis, due -> {
                timer = -1;
                proceed();
            });
        }
    }

    private boolean isFull() {
        return queuedRows >= config.rowsMax() || queuedBytes >= config.bytesMax();
    }

    private void finishDraining() {
        if (drained != null && !writing) {
            drained.tryComplete();
        }
    }

    private void refuseAll() {
        var fault = STORE_DOWN.because("the database does not answer").retryAfter(Duration.ofSeconds(1));
        queue.forEach(batch -> answers.refuse(batch, fault));
        queue.clear();
        queuedRows = 0;
        queuedBytes = 0;
        lockedSince.clear();
        meters.waiting(0);
        finishDraining();
    }

    private void writeGroup() {
        var group = takeGroup();
        linger.took(group.size());
        meters.writes();
        writing = true;
        Overdue.after(config.groupTimeout(), "a group of batches", writer.write(group))
                .recover(late -> giveUp(group, late))
                .onComplete(done -> home.runOnContext(here -> {
                    meters.wrote(group);
                    var locked = done.result();
                    if (locked.isEmpty()) {
                        lockedSince.clear();
                        writing = false;
                        proceed();
                    } else {
                        putBack(locked);
                        vertx.setTimer(LOCKED_PAUSE_MILLIS, due -> {
                            writing = false;
                            proceed();
                        });
                    }
                }));
    }

    /** What is under way of it ends with its connections; whether it is committed the ledger tells those who resend. */
    private Future<List<Pending>> giveUp(List<Pending> group, Throwable late) {
        health.refused(writer, late);
        var fault = STORE_DOWN
                .because("the database did not take the batch in time", late)
                .retryAfter(Duration.ofSeconds(1));
        group.forEach(batch -> answers.refuse(batch, fault));
        return Future.succeededFuture(List.of());
    }

    private List<Pending> takeGroup() {
        var group = new ArrayList<Pending>();
        long rows = 0;
        long bytes = 0;
        while (!queue.isEmpty() && (group.isEmpty() || rows < config.rowsMax() && bytes < config.bytesMax())) {
            var batch = queue.pollFirst();
            group.add(batch);
            rows += batch.batch().rows();
            bytes += batch.memoryBytes();
        }
        queuedRows -= rows;
        queuedBytes -= bytes;
        meters.waiting(queue.size());
        return group;
    }

    /** Batches whose ledger row is held go to the front again, until they have waited too long. */
    private void putBack(List<Pending> locked) {
        long now = nanoClock.getAsLong();
        var keys = new LinkedHashSet<Pending.Key>();
        locked.forEach(batch -> keys.add(batch.key()));
        lockedSince.keySet().retainAll(keys);
        keys.forEach(key -> lockedSince.putIfAbsent(key, now));
        endHolders(now);
        for (int i = locked.size() - 1; i >= 0; i--) {
            var batch = locked.get(i);
            if (waitedMillis(lockedSince.get(batch.key())) >= config.lockWait().toMillis()) {
                answers.refuse(
                        batch,
                        STORE_DOWN
                                .because("another server holds the collector's ledger row")
                                .retryAfter(Duration.ofSeconds(1)));
            } else {
                queue.addFirst(batch);
                queuedRows += batch.batch().rows();
                queuedBytes += batch.memoryBytes();
            }
        }
        meters.waiting(queue.size());
    }

    private void endHolders(long now) {
        var stalled = lockedSince.keySet().stream()
                .filter(key -> waitedMillis(lockedSince.get(key))
                        >= config.holderLimit().toMillis())
                .toList();
        if (!stalled.isEmpty() && now - holdersEndedAt >= TimeUnit.SECONDS.toNanos(1)) {
            holdersEndedAt = now;
            holders.terminate(stalled.stream().map(Pending.Key::collector).toList());
        }
    }

    private long waitedMillis(long sinceNanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong() - sinceNanos);
    }
}
