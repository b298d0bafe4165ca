package org.pganalytics.storage;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Receipt.Outcome;
import org.pganalytics.storage.series.SeriesLimits;

/** Tells, after a commit, senders and listeners what became of their batches. */
final class Answers {
    private final Bus bus;
    private final SeriesLimits series;
    private final FoldedRows folded;
    private final LongSupplier nanoClock;
    private final Timer ack;

    Answers(Bus bus, SeriesLimits series, MeterRegistry meters, LongSupplier nanoClock) {
        this.bus = bus;
        this.series = series;
        this.folded = new FoldedRows(bus, series);
        this.nanoClock = nanoClock;
        this.ack = Timer.builder("pganalytics.storage.ack")
                .description("from a batch's arrival at the store to its commit")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(30))
                .register(meters);
    }

    /** Answers each batch but those whose ledger row another transaction holds. @return these */
    List<Pending> give(List<Verdict> committed) {
        var locked = new ArrayList<Pending>();
        for (var verdict : committed) {
            var pending = verdict.work().pending();
            if (verdict instanceof Verdict.Settled settled) {
                settled(settled);
            } else if (verdict instanceof Verdict.Refused refused) {
                refuse(pending, refused.fault());
            } else {
                locked.add(pending);
            }
        }
        return locked;
    }

    /** Refuses a batch, unless it has been answered. */
    void refuse(Pending pending, FaultException fault) {
        series.answered(pending.batch().collector(), pending.batch().position(), false);
        refuseUnseen(pending, fault);
    }

    /** One of which nothing was prepared: what is counted of its series goes on. */
    void refuseUnseen(Pending pending, FaultException fault) {
        if (pending.answer().tryFail(fault)) {
            bus.publish(refused(pending, fault));
        }
    }

    private void settled(Verdict.Settled settled) {
        var pending = settled.work().pending();
        long nanos = nanoClock.getAsLong() - pending.arrivedNanos();
        ack.record(nanos, TimeUnit.NANOSECONDS);
        told(settled);
        if (!pending.answer().tryComplete(settled.receipt())) {
            return;
        }
        bus.publish(event(settled, nanos / 1_000));
        LossTable.lines(settled).forEach(line -> bus.publish(line.event()));
    }

    /** What was folded counts once it is committed, whether the sender still waits for the answer or not. */
    private void told(Verdict.Settled settled) {
        var batch = settled.work().pending().batch();
        var outcome = settled.receipt().outcome();
        boolean here = outcome == Outcome.STORED || outcome == Outcome.QUARANTINED;
        series.answered(batch.collector(), batch.position(), here);
        folded.committed(batch.collector(), settled.blocks());
    }

    private static Event event(Verdict.Settled settled, long micros) {
        var pending = settled.work().pending();
        var batch = pending.batch();
        return switch (settled.receipt().outcome()) {
            case STORED ->
                new Event.BatchStored(
                        batch.collector(),
                        settled.receipt().rows(),
                        batch.bytes(),
                        rowsByFamily(settled.blocks()),
                        micros);
            case DUPLICATE -> new Event.BatchDuplicated(batch.collector(), true);
            case DUPLICATE_UNVERIFIED -> new Event.BatchDuplicated(batch.collector(), false);
            case QUARANTINED -> refused(pending, settled.work().refusal());
        };
    }

    /** A batch that was refused before anybody read it. */
    void refuseUnread(UUID collector, FaultException why) {
        bus.publish(new Event.BatchRefused(collector, why.fault(), why.detail(), 0));
    }

    private static Event refused(Pending pending, FaultException fault) {
        return new Event.BatchRefused(
                pending.batch().collector(),
                fault.fault(),
                fault.detail(),
                pending.batch().rows());
    }

    private static Map<String, Integer> rowsByFamily(List<EncodedBlock> blocks) {
        var rows = new HashMap<String, Integer>();
        blocks.forEach(block -> rows.merge(block.family(), block.sentRows(), Integer::sum));
        return Map.copyOf(rows);
    }
}
