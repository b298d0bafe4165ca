package org.pganalytics.collector;

import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;
import org.pganalytics.fault.Fault;

/**
 * Where a link gets what it sends, and whom it tells what became of it. A source serves one link at a time, is called on
 * that link's event loop, and completes its futures there.
 */
public interface BatchSource {

    /** What follows a server's welcome. */
    enum Course {
        /** Send the batches that follow the mark. */
        SEND,
        /** The source has become a new instance (the server was ahead of it): say HELLO again. */
        NEW_INSTANCE
    }

    /**
     * What a server says of the source's place in the ledger.
     *
     * @param mark the last settled number of the epoch
     * @param bodyBytesMax most bytes of a batch body, compressed
     * @param uncompressedBytesMax most bytes of a batch body, uncompressed
     */
    record Welcomed(int epoch, long mark, int bodyBytesMax, int uncompressedBytesMax) {}

    /** The identity kept with the batches. */
    UUID instance();

    /**
     * A newer instance of this collector has been let in since (EPOCH_OLD): becomes a new instance, so that the next HELLO
     * gets an epoch of its own. Fails when that cannot be.
     */
    default Future<Void> superseded() {
        return Future.failedFuture("this source cannot begin anew");
    }

    /** Takes the server's mark: below what was settled, kept batches are sent again; above what was sent, see Course. */
    Future<Course> welcome(Welcomed welcome);

    /**
     * The batches that follow number {@code after}, in order and without a gap, durably marked as sent.
     *
     * @param max most batches wanted; at least 1
     * @return empty when there are none now; the handler of {@link #onMore} is told when there are again
     */
    Future<List<OutgoingBatch>> next(long after, int max);

    /** Called whenever a batch has come that {@link #next} may give; a later handler replaces an earlier one. */
    void onMore(Runnable handler);

    /** Everything up to this number is settled. */
    void settled(long upTo);

    /** A server's refusal of a batch; when the fault {@link Fault#settles() settles}, {@link #settled} follows. */
    void refused(long sequence, Fault fault, String detail);
}
