package org.pganalytics.storage.series;

import java.time.LocalDate;
import java.util.UUID;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.storage.series.SeriesCount.Bound;

/** What is counted of one family of a collector today. For one thread at a time. */
final class FamilySeries {
    private final String family;
    private BlockColumns columns;
    private Overflow overflow;
    private Bound bound;
    private long series;
    private long seriesMax;
    private long foldedRows;
    private long unfollowedRows;
    private boolean changed;

    FamilySeries(String family) {
        this.family = family;
    }

    /** As a rule all blocks of a family have one schema, so that it is looked through once. */
    BlockColumns columns(FamilySchema sent, MetricFamily declared) {
        if (columns == null || !columns.schema().equals(sent)) {
            columns = BlockColumns.of(sent, declared);
        }
        return columns;
    }

    void limit(long most) {
        seriesMax = most;
    }

    boolean isFull() {
        return series >= seriesMax;
    }

    void grew(long hash) {
        series++;
        changed = true;
        if (overflow != null) {
            overflow.forget(hash);
        }
    }

    void met(Bound limit) {
        bound = limit;
    }

    /** Null as long as no counters of folded rows are followed. */
    Overflow overflow() {
        return overflow;
    }

    void overflow(Overflow opened) {
        overflow = opened;
    }

    /** It is committed. @return whether it is the first of the day */
    boolean folded(Folding folding) {
        boolean first = foldedRows == 0;
        changed = true;
        foldedRows += folding.rows();
        unfollowedRows += folding.unfollowed();
        return first;
    }

    void newDay() {
        series = 0;
        foldedRows = 0;
        unfollowedRows = 0;
        bound = null;
        changed = false;
    }

    boolean changed() {
        return changed;
    }

    void changed(boolean since) {
        changed = since;
    }

    SeriesCount count(UUID collector, LocalDate day) {
        return new SeriesCount(collector, family, day, series, seriesMax, foldedRows, unfollowedRows, bound);
    }
}
