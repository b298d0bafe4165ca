package org.pganalytics.ingest.tcp;

import java.util.ArrayDeque;
import java.util.Deque;
import org.pganalytics.model.BatchPosition;

/**
 * Which batches of a session are under way, and which are thrown away until the sender has gone back: after one refusal
 * the later batches already on their way are refused by the same word.
 */
final class GoBack {
    private static final long NOWHERE = Long.MAX_VALUE;

    private final Deque<UnderWay> underWay = new ArrayDeque<>();
    private long resumeAt = NOWHERE;
    private int current;

    /** A batch between its arrival and its answer. */
    static final class UnderWay {
        private final BatchPosition position;
        private final long bytes;
        private boolean abandoned;

        UnderWay(BatchPosition position, long bytes) {
            this.position = position;
            this.bytes = bytes;
        }

        BatchPosition position() {
            return position;
        }

        long bytes() {
            return bytes;
        }

        /** Whether the sender was told to send it again, so that no refusal of this copy is to be answered. */
        boolean abandoned() {
            return abandoned;
        }
    }

    /** Whether an arriving batch is one sent before the sender could know of the refusal. */
    boolean discards(BatchPosition position) {
        return position.coversFrom() > resumeAt;
    }

    /** One that is not thrown away has arrived: the sender has gone back, and a refusal of this one is news to it. */
    void arrived(BatchPosition position) {
        if (position.sequence() >= resumeAt) {
            resumeAt = NOWHERE;
        }
    }

    UnderWay begin(BatchPosition position, long bytes) {
        var batch = new UnderWay(position, bytes);
        underWay.add(batch);
        current++;
        return batch;
    }

    void finish(UnderWay batch) {
        if (underWay.remove(batch) && !batch.abandoned) {
            current--;
        }
    }

    /** @param mark everything up to it is settled, so nobody waits for it any more */
    void settled(long mark) {
        if (resumeAt != NOWHERE && mark >= resumeAt) {
            resumeAt = mark + 1;
        }
    }

    /** The sender is to go back to this number. @return false when it was told to go as far back before */
    boolean refuse(long expected) {
        if (expected >= resumeAt) {
            return false;
        }
        resumeAt = expected;
        for (var batch : underWay) {
            if (!batch.abandoned && batch.position.sequence() >= expected) {
                batch.abandoned = true;
                current--;
            }
        }
        return true;
    }

    /** Batches that count against the window. */
    int current() {
        return current;
    }

    /** Batches under way, those included that the sender will send again. */
    int all() {
        return underWay.size();
    }
}
