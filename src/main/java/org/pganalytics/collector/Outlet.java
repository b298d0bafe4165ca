package org.pganalytics.collector;

import io.vertx.core.Future;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;

/** Where the readers of one target leave what they found: what is to be sent goes to the batcher, and is counted. */
final class Outlet {
    private final Batcher batcher;
    private final SendingRule sending;
    private long rows;

    Outlet(Batcher batcher, Clock clock, RandomGenerator random) {
        this.batcher = batcher;
        this.sending = new SendingRule(random, clock);
    }

    /**
     * Takes one reading of a family.
     *
     * @param database where it was read, or "" where there is none
     * @param found all rows there are now
     */
    void give(MetricFamily family, String database, Optional<ColumnBlock> found) {
        sending.rowsToSend(family, database, found)
                .ifPresent(block -> add(block).onComplete(kept -> sending.kept(family, database, kept)));
    }

    /** Takes rows whatever was sent before. @return whether they are on disk */
    Future<Boolean> add(ColumnBlock block) {
        rows += block.rows();
        return batcher.add(RowOrder.byKeys(block));
    }

    void forget() {
        sending.forget();
    }

    /** Rows given to the batcher since the start. */
    long rows() {
        return rows;
    }
}
