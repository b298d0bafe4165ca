package org.pganalytics.collector.load;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.MetricFamily;

/** Adds up what a verification finds, and describes the first of it. */
final class Findings {
    private static final int DETAILS_MAX = 20;

    private final List<String> details = new ArrayList<>();
    private long missing;
    private long duplicated;
    private long mismatch;

    /** An acknowledged block of which no row is there. */
    void gone(MetricFamily family, RowGroup group, long rows) {
        missing += rows;
        describe("%s, %s: all %d rows are missing", family, where(group), rows);
    }

    /** An acknowledged block of a target that the database does not know. */
    void withoutTarget(MetricFamily family, String target, long rows) {
        missing += rows;
        describe("%s, target %s is unknown: all %d rows are missing", family, target, rows);
    }

    /** Rows at a time, or of a dictionary, for which nothing was sent. */
    void unsent(MetricFamily family, RowGroup group, long rows) {
        mismatch += rows;
        describe("%s, %s: %d rows that nobody sent", family, where(group), rows);
    }

    void differs(MetricFamily family, RowGroup group, RowDifference difference, boolean acked) {
        long gone = acked ? difference.missing() : 0;
        missing += gone;
        duplicated += difference.duplicated();
        mismatch += difference.neverSent();
        if (gone + difference.duplicated() + difference.neverSent() > 0) {
            var counts = "%d missing, %d doubled, %d never sent like that"
                    .formatted(gone, difference.duplicated(), difference.neverSent());
            describe("%s, %s: %s", family, where(group), counts);
        }
    }

    Verification verification(int families) {
        return new Verification(missing, duplicated, mismatch, families, details);
    }

    private void describe(String form, MetricFamily family, Object... facts) {
        if (details.size() < DETAILS_MAX) {
            var all = new ArrayList<Object>(List.of(family.name()));
            all.addAll(List.of(facts));
            details.add(form.formatted(all.toArray()));
        }
    }

    private static String where(RowGroup group) {
        var target = "target_id " + group.targetId();
        return group.timeMicros() == RowGroup.NO_TIME
                ? target
                : target + " at " + Instant.EPOCH.plus(group.timeMicros(), ChronoUnit.MICROS);
    }
}
