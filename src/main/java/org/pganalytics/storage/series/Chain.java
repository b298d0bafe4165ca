package org.pganalytics.storage.series;

import org.pganalytics.model.BatchPosition;

/**
 * Whether this server has prepared and committed all that came from a collector, up to a batch. When it has not, another
 * one may have stored batches between, with totals of its own; a total that goes on then would be read as if it had grown by
 * all that it is. For one thread at a time.
 */
final class Chain {
    private static final long NOTHING = -1;

    private int epoch;
    private long settled = NOTHING;
    private long seen = NOTHING;

    /** How a batch that is being prepared stands to those before. */
    enum Step {
        FIRST,
        FOLLOWS,
        /** It does not follow; when it is committed nevertheless, another server has stored those between. */
        STRAYS
    }

    Step next(BatchPosition position) {
        if (seen == NOTHING) {
            epoch = position.epoch();
            seen = position.sequence();
            return Step.FIRST;
        }
        if (!follows(position)) {
            return Step.STRAYS;
        }
        seen = Math.max(seen, position.sequence());
        return Step.FOLLOWS;
    }

    /** This server has committed it. @return whether it followed; if not, those after it follow it */
    boolean settled(BatchPosition position) {
        boolean followed = seen != NOTHING && follows(position);
        if (!followed) {
            epoch = position.epoch();
            seen = NOTHING;
            settled = NOTHING;
        }
        settled = Math.max(settled, position.sequence());
        seen = Math.max(seen, settled);
        return followed;
    }

    /** It was refused, its end is not known, or another server has committed it: what is not settled here does not count. */
    void broken() {
        seen = settled;
    }

    private boolean follows(BatchPosition position) {
        return position.epoch() == epoch && position.coversFrom() - 1 <= seen;
    }
}
