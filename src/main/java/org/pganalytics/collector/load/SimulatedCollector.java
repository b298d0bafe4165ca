package org.pganalytics.collector.load;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.pganalytics.collector.BatchSource;
import org.pganalytics.collector.OutgoingBatch;
import org.pganalytics.fault.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One collector's batches in memory, from their numbering to their ack; what an agent keeps in its spool. Lives on one
 * event loop, so its fields need no lock.
 */
final class SimulatedCollector implements BatchSource {
    private static final Logger LOG = LoggerFactory.getLogger(SimulatedCollector.class);

    /** Makes and journals a batch, off the event loop. */
    interface Maker {
        /** Completes, on the caller's event loop, once the journal holds the batch. */
        Future<EncodedTick> make(SampleSource source, int epoch, long sequence);

        /** A batch without rows that settles numbers which are no longer kept. */
        OutgoingBatch forgotten(int epoch, long from, long upTo);
    }

    private final int number;
    private final Maker maker;
    private final Journal journal;
    private final LoadCounters counters;
    private final LoadLimits limits;
    private final LongSupplier nanoClock;
    private final int[] ticksMade;
    private final Deque<UnsettledBatch> unsettled = new ArrayDeque<>();
    private final Runnable begin;
    private final Handler<Throwable> broken;
    private UUID instance = UUID.randomUUID();
    private Runnable onMore = () -> {};
    private boolean begun;
    private int epoch;
    private long lastNumber;
    private long settledUpTo;
    private boolean acked;
    private long ackedNanos;

    /**
     * @param begin told at the first welcome
     * @param nanoClock monotonic time in ns
     */
    SimulatedCollector(
            int number, int targets, Maker maker, LoadShared shared, Runnable begin, LongSupplier nanoClock) {
        this.number = number;
        this.maker = maker;
        this.journal = shared.journal();
        this.counters = shared.counters();
        this.limits = shared.limits();
        this.broken = shared.broken();
        this.ticksMade = new int[targets];
        this.begin = begin;
        this.nanoClock = nanoClock;
    }

    /** Observes a target, unless too much waits for its ack already: then the tick is skipped, and counted as that. */
    void tick(int target, long collectedAtMicros) {
        if (epoch == 0 || isFull()) {
            counters.ticksSkipped.increment();
            return;
        }
        var batch = new UnsettledBatch(++lastNumber);
        unsettled.addLast(batch);
        var source = new SampleSource(number, target, ticksMade[target]++, collectedAtMicros);
        int madeFor = epoch;
        maker.make(source, epoch, batch.sequence())
                .onSuccess(encoded -> {
                    if (epoch == madeFor) {
                        batch.ready(encoded.outgoing(), encoded.sending().rows(), encoded.values());
                        counters.unsettledBytesGrow(batch.bytes());
                        onMore.run();
                    }
                })
                .onFailure(broken);
    }

    private boolean isFull() {
        return unsettled.size() >= limits.unsettledBatchesMax()
                || counters.unsettledBytes() >= limits.unsettledBytesMax();
    }

    /** How many batches still wait for their ack. */
    int unsettled() {
        return unsettled.size();
    }

    @Override
    public UUID instance() {
        return instance;
    }

    @Override
    public Future<Course> welcome(Welcomed welcome) {
        if (begun) {
            counters.reconnects.increment();
        }
        if (epoch == 0) {
            epoch = welcome.epoch();
            lastNumber = welcome.mark();
            settledUpTo = welcome.mark();
            if (!begun) {
                begun = true;
                begin.run();
            }
            return Future.succeededFuture(Course.SEND);
        }
        if (welcome.epoch() != epoch || welcome.mark() > lastNumber) {
            startOver(welcome);
            return Future.succeededFuture(Course.NEW_INSTANCE);
        }
        if (welcome.mark() < settledUpTo) {
            declareForgotten(welcome.mark() + 1);
        }
        settle(welcome.mark());
        return Future.succeededFuture(Course.SEND);
    }

    /** Another ledger than the one the batches are numbered for: they cannot be settled there. */
    private void startOver(Welcomed welcome) {
        LOG.warn(
                "{} was at epoch {}, number {}, and is welcomed at epoch {}, number {}: {} batches are given up",
                FleetNames.collector(number),
                epoch,
                lastNumber,
                welcome.epoch(),
                welcome.mark(),
                unsettled.size());
        counters.givenUp.add(unsettled.size());
        unsettled.forEach(batch -> counters.unsettledBytesGrow(-batch.bytes()));
        unsettled.clear();
        instance = UUID.randomUUID();
        epoch = 0;
    }

    /** A restored database asks for numbers that were acked and are no longer kept: a batch without rows says so. */
    private void declareForgotten(long from) {
        long upTo = settledUpTo;
        LOG.warn("{} is asked for batches {} to {}, which were acked", FleetNames.collector(number), from, upTo);
        var tombstone = new UnsettledBatch(upTo);
        tombstone.ready(maker.forgotten(epoch, from, upTo), 0, 0);
        unsettled.addFirst(tombstone);
        settledUpTo = from - 1;
    }

    @Override
    public Future<List<OutgoingBatch>> next(long after, int max) {
        var batches = new ArrayList<OutgoingBatch>();
        for (var batch : unsettled) {
            if (!batch.isReady() || batches.size() == max) {
                break;
            }
            if (batch.sequence() > after) {
                batches.add(send(batch));
            }
        }
        return Future.succeededFuture(batches);
    }

    private OutgoingBatch send(UnsettledBatch batch) {
        if (batch.send(nanoClock.getAsLong())) {
            counters.batchesSent.increment();
            counters.rowsSent.add(batch.rows());
            counters.bytesSent.add(batch.bytes());
        }
        return batch.outgoing();
    }

    @Override
    public void onMore(Runnable handler) {
        onMore = handler;
    }

    @Override
    public void settled(long upTo) {
        settle(upTo);
    }

    private void settle(long upTo) {
        if (upTo <= settledUpTo) {
            return;
        }
        settledUpTo = upTo;
        journal.add(new JournalEntry.Acked(number, epoch, upTo));
        gapEnds(nanoClock.getAsLong());
        while (!unsettled.isEmpty() && unsettled.peekFirst().sequence() <= upTo) {
            var batch = unsettled.removeFirst();
            counters.unsettledBytesGrow(-batch.bytes());
            if (!batch.isRefused() && batch.rows() > 0) {
                counters.acked(batch, nanoClock.getAsLong());
            }
        }
    }

    private void gapEnds(long nowNanos) {
        if (acked) {
            counters.gaps.add(number, nowNanos - ackedNanos);
        }
        acked = true;
        ackedNanos = nowNanos;
    }

    @Override
    public void refused(long sequence, Fault fault, String detail) {
        counters.refused(fault);
        if (!fault.settles()) {
            return;
        }
        LOG.warn("{}: batch {} is refused for ever, {}: {}", FleetNames.collector(number), sequence, fault, detail);
        journal.add(new JournalEntry.Refused(number, epoch, sequence));
        unsettled.stream().filter(batch -> batch.sequence() == sequence).forEach(UnsettledBatch::refuse);
    }
}
