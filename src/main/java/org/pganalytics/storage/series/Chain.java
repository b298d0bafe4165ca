package org.pganalytics.storage.series;

import org.pganalytics.model.BatchPosition;

/**
 * Whether this server has seen and settled all that came from a collector, up to a batch. When it has not, another one may
 * have stored batches between, with totals of its own; a total that goes on then would be read as if it had grown by all
 * that it is. For one thread at a time.
 */
final class Chain {
    private static final long NOTHING = -1;

    private int epoch;
    private long settled = NOTHING;
    private long seen = NOTHING;

    /** Notes that a batch is being prepared. @return whether it follows what this server has */
    boolean next(BatchPosition position) {
        boolean follows = position.epoch() == epoch && position.coversFrom() - 1 <= seen;
        if (!follows) {
            epoch = position.epoch();
            settled = NOTHING;
            seen = NOTHING;
        }
        seen = Math.max(seen, position.sequence());
        return follows;
    }

    /** This server has committed it. */
    void settled(BatchPosition position) {
        if (position.epoch() == epoch) {
            settled = Math.max(settled, position.sequence());
            seen = Math.max(seen, settled);
        }
    }

    /** It was refused, its end is not known, or another server has committed it: what is not settled here does not count. */
    void broken() {
        seen = settled;
    }
}
