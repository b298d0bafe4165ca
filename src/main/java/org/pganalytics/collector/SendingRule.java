package org.pganalytics.collector;

import io.vertx.core.AsyncResult;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Sending;

/** Which rows of what was read at a target are sent, as each family declares. Lives on one event loop. */
final class SendingRule {
    /** Families times databases; beyond it the one longest unread is sent whole the next time. */
    private static final int KEPT_MAX = 1_000;

    private record Place(String family, String database) {}

    private final Map<Place, MovedRows> movedRows = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, MovedRows> eldest) {
            return size() > KEPT_MAX;
        }
    };
    private final long seed;
    private final Clock clock;

    SendingRule(RandomGenerator random, Clock clock) {
        this.seed = random.nextLong();
        this.clock = clock;
    }

    /**
     * Finds the rows to send, which takes a while where there are many: may be called on any thread, once, and before the
     * next reading of the same family and database.
     *
     * @param found all rows there are now; empty when there are none
     */
    Callable<Optional<ColumnBlock>> rowsToSend(MetricFamily family, String database, Optional<ColumnBlock> found) {
        if (family.reading().sending() == Sending.ALL) {
            return () -> found;
        }
        var place = new Place(family.name(), database);
        if (found.isEmpty()) {
            movedRows.remove(place);
            return () -> found;
        }
        long fullEvery = family.reading().fullEvery().toMillis();
        var moved = movedRows.computeIfAbsent(place, unread -> new MovedRows(fullEvery, seed));
        long now = clock.millis();
        return () -> moved.of(found.get(), now);
    }

    /** Told what became of the rows to send: unless they are on disk, the next ones go whole. */
    void kept(MetricFamily family, String database, AsyncResult<Boolean> kept) {
        if (kept.failed() || !kept.result()) {
            movedRows.remove(new Place(family.name(), database));
        }
    }

    /** The server may lack what it was sent. */
    void forget() {
        movedRows.clear();
    }
}
