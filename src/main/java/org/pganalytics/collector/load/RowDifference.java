package org.pganalytics.collector.load;

import java.util.HashMap;
import java.util.Map;

/** Tells apart, in two sets of rows with repetitions, what is missing, what is doubled and what was never sent. */
final class RowDifference {
    private static final class Count {
        private long sent;
        private long found;
    }

    private final Map<Long, Count> counts = new HashMap<>();

    void sent(long rowHash) {
        count(rowHash).sent++;
    }

    void found(long rowHash) {
        count(rowHash).found++;
    }

    long missing() {
        return counts.values().stream()
                .mapToLong(count -> Math.max(0, count.sent - count.found))
                .sum();
    }

    long duplicated() {
        return counts.values().stream()
                .filter(count -> count.sent > 0)
                .mapToLong(count -> Math.max(0, count.found - count.sent))
                .sum();
    }

    long neverSent() {
        return counts.values().stream()
                .filter(count -> count.sent == 0)
                .mapToLong(count -> count.found)
                .sum();
    }

    private Count count(long rowHash) {
        return counts.computeIfAbsent(rowHash, hash -> new Count());
    }
}
