package org.pganalytics.collector.load;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.pganalytics.collector.LinkEnd;
import org.pganalytics.fault.Fault;

/** What the whole fleet has done; safe to share between event loops. */
final class LoadCounters {
    private static final int LINK_ENDS_MAX = 5;
    private static final int CUTS_MAX = 100;
    private static final String CUT = "CUT";

    final LongAdder rowsSent = new LongAdder();
    final LongAdder bytesSent = new LongAdder();
    final LongAdder batchesSent = new LongAdder();
    final LongAdder rowsAcked = new LongAdder();
    final LongAdder valuesAcked = new LongAdder();
    final LongAdder batchesAcked = new LongAdder();
    final LongAdder registrations = new LongAdder();
    final LongAdder reconnects = new LongAdder();
    final LongAdder ticksSkipped = new LongAdder();
    /** Batches given up: the server asked for a new epoch, or for what is no longer kept. */
    final LongAdder givenUp = new LongAdder();

    final AckLatencies latencies = new AckLatencies();
    final AckGaps gaps;
    private final Map<Fault, LongAdder> refused = new ConcurrentHashMap<>();
    private final Set<String> linkEnds = ConcurrentHashMap.newKeySet();
    private final Map<String, LongAdder> ends = new ConcurrentHashMap<>();
    private final Queue<LoadReport.Cut> cuts = new ConcurrentLinkedQueue<>();
    private final Clock clock;
    private final AtomicLong unsettledBytes = new AtomicLong();
    private final AtomicLong lastAckNanos = new AtomicLong(Long.MIN_VALUE);

    LoadCounters(Clock clock, long gapsOverMillis) {
        this.clock = clock;
        this.gaps = new AckGaps(clock, gapsOverMillis);
    }

    void acked(UnsettledBatch batch, long nowNanos) {
        rowsAcked.add(batch.rows());
        valuesAcked.add(batch.values());
        batchesAcked.increment();
        latencies.add((nowNanos - batch.firstSentNanos()) / 1_000);
        lastAckNanos.accumulateAndGet(nowNanos, Math::max);
    }

    void refused(Fault fault) {
        refused.computeIfAbsent(fault, first -> new LongAdder()).increment();
    }

    /** Counts it by its fault, and keeps the first few different ways for people. */
    void linkEnded(LinkEnd end) {
        var fault = end.fault().map(Fault::name).orElse(CUT);
        ends.computeIfAbsent(fault, first -> new LongAdder()).increment();
        if (linkEnds.size() < LINK_ENDS_MAX) {
            linkEnds.add(end.detail());
        }
        if (end.fault().isEmpty() && cuts.size() < CUTS_MAX) {
            cuts.add(new LoadReport.Cut(clock.millis(), end.welcomed(), end.detail()));
        }
    }

    /** The first ones that no server had announced. */
    List<LoadReport.Cut> cuts() {
        return List.copyOf(cuts);
    }

    /** Ends of connections by the fault that the server told, CUT where it told none. */
    Map<String, Long> ends() {
        var sums = new TreeMap<String, Long>();
        ends.forEach((fault, count) -> sums.put(fault, count.sum()));
        return sums;
    }

    Set<String> linkEnds() {
        return Set.copyOf(linkEnds);
    }

    /** Refusals by fault, in the order of the wire codes. */
    Map<Fault, Long> refusals() {
        var sums = new TreeMap<Fault, Long>();
        refused.forEach((fault, count) -> sums.put(fault, count.sum()));
        return sums;
    }

    /** Bytes of all batches that wait for their ack. */
    long unsettledBytes() {
        return unsettledBytes.get();
    }

    void unsettledBytesGrow(long bytes) {
        unsettledBytes.addAndGet(bytes);
    }

    /** From a start to the last ack, in s; at least a ms. */
    double secondsUntilLastAck(long startNanos) {
        long last = lastAckNanos.get();
        return Math.max(1_000_000, last == Long.MIN_VALUE ? 0 : last - startNanos) / 1e9;
    }
}
