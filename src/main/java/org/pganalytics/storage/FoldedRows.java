package org.pganalytics.storage;

import java.util.HashMap;
import java.util.List;
import java.util.UUID;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.storage.series.Folding;
import org.pganalytics.storage.series.SeriesCount;
import org.pganalytics.storage.series.SeriesLimits;

/** Tells listeners of rows that were folded, once these are committed, by whichever way they came. */
final class FoldedRows {
    private final Bus bus;
    private final SeriesLimits series;

    FoldedRows(Bus bus, SeriesLimits series) {
        this.bus = bus;
        this.series = series;
    }

    /** To be called after COMMIT, by who wrote the blocks. */
    void committed(UUID collector, List<EncodedBlock> blocks) {
        var folded = new HashMap<String, Folding>();
        blocks.stream()
                .filter(block -> block.folding().rows() > 0)
                .forEach(block -> folded.merge(block.family(), block.folding(), Folding::and));
        folded.forEach((family, folding) -> {
            boolean first = series.committed(collector, family, folding);
            series.count(collector, family)
                    .ifPresent(count -> bus.publish(new Event.RowsFolded(
                            collector, family, folding.rows(), folding.unfollowed(), limit(count), first)));
        });
    }

    private static String limit(SeriesCount count) {
        return count.bound() == null
                ? "a limit"
                : "%s, with %d of at most %d series of the family today"
                        .formatted(count.bound().setting(), count.series(), count.seriesMax());
    }
}
