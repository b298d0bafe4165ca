package org.pganalytics.collector.load;

import org.pganalytics.collector.OutgoingBatch;

/** A batch on its way: numbered, then encoded and journalled, then sent, until the server settles it. One event loop. */
final class UnsettledBatch {
    private final long sequence;
    private OutgoingBatch outgoing;
    private int rows;
    private long values;
    private long firstSentNanos;
    private boolean sent;
    private boolean refused;

    UnsettledBatch(long sequence) {
        this.sequence = sequence;
    }

    long sequence() {
        return sequence;
    }

    /** It is in the journal: it may leave. */
    void ready(OutgoingBatch encoded, int rowsInIt, long valuesInIt) {
        outgoing = encoded;
        rows = rowsInIt;
        values = valuesInIt;
    }

    boolean isReady() {
        return outgoing != null;
    }

    OutgoingBatch outgoing() {
        return outgoing;
    }

    /** @return whether this is the first time */
    boolean send(long nowNanos) {
        if (sent) {
            return false;
        }
        sent = true;
        firstSentNanos = nowNanos;
        return true;
    }

    long firstSentNanos() {
        return firstSentNanos;
    }

    void refuse() {
        refused = true;
    }

    boolean isRefused() {
        return refused;
    }

    int rows() {
        return rows;
    }

    /** Rows times columns. */
    long values() {
        return values;
    }

    int bytes() {
        return outgoing == null ? 0 : outgoing.body().length();
    }
}
