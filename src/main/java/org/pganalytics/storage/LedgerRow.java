package org.pganalytics.storage;

import static org.pganalytics.fault.Fault.POSITION_CONFLICT;
import static org.pganalytics.fault.Fault.POSITION_GAP;

import java.util.Arrays;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Digest;

/**
 * A ledger row under its lock: decides which batch is next, and moves the mark as batches are settled. What it says holds
 * only if the transaction that locked it commits.
 */
final class LedgerRow {
    private final int ringMax;
    private long mark;
    /** Digests of the last settled numbers, the last one that of the mark; zeros for a number declared dropped. */
    private byte[] ring;

    private boolean touched;

    /** @param ringMax most digests kept */
    LedgerRow(long mark, byte[] ring, int ringMax) {
        this.mark = mark;
        this.ring = ring;
        this.ringMax = ringMax;
    }

    /** What the ledger says of a position. */
    enum Standing {
        /** It is the next one, or covers the next one. */
        NEXT,
        /** Settled before with this digest. */
        DUPLICATE,
        /** Settled before; its digest is not kept, or its number was declared dropped. */
        DUPLICATE_UNVERIFIED
    }

    /** @throws org.pganalytics.fault.FaultException POSITION_GAP or POSITION_CONFLICT */
    Standing judge(BatchPosition position, Digest digest) {
        long expected = mark + 1;
        if (position.sequence() <= mark) {
            var standing = compare(position.sequence(), digest);
            touched = true;
            return standing;
        }
        if (position.coversFrom() > expected) {
            throw POSITION_GAP
                    .because("batch %d does not follow the last settled one, %d; send %d next"
                            .formatted(position.sequence(), mark, expected))
                    .expecting(expected);
        }
        return Standing.NEXT;
    }

    private Standing compare(long sequence, Digest digest) {
        long back = mark - sequence;
        if (back >= ring.length / Digest.BYTES) {
            return Standing.DUPLICATE_UNVERIFIED;
        }
        int at = ring.length - (int) (back + 1) * Digest.BYTES;
        var kept = Arrays.copyOfRange(ring, at, at + Digest.BYTES);
        if (Arrays.equals(kept, digest.bytes())) {
            return Standing.DUPLICATE;
        }
        if (Arrays.equals(kept, new byte[Digest.BYTES])) {
            return Standing.DUPLICATE_UNVERIFIED;
        }
        throw POSITION_CONFLICT.because(
                ("batch %d was settled before with another content: two agents use one identity;"
                                + " register this one anew")
                        .formatted(sequence));
    }

    /** Moves the mark to a position that was judged NEXT. @return how many numbers before its own it declares dropped */
    long settle(BatchPosition position, Digest digest) {
        long dropped = position.sequence() - mark - 1;
        int zeros = (int) Math.min(dropped, ringMax - 1) * Digest.BYTES;
        int keep = Math.min(ring.length, (ringMax - 1) * Digest.BYTES - zeros);
        var next = new byte[keep + zeros + Digest.BYTES];
        System.arraycopy(ring, ring.length - keep, next, 0, keep);
        System.arraycopy(digest.bytes(), 0, next, keep + zeros, Digest.BYTES);
        ring = next;
        mark = position.sequence();
        touched = true;
        return dropped;
    }

    long mark() {
        return mark;
    }

    byte[] ring() {
        return ring;
    }

    /** Whether an answer depends on it: then it must be written, so that what was seen is known to be committed. */
    boolean touched() {
        return touched;
    }
}
