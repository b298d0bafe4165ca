package org.pganalytics.collector.load;

import java.util.List;

/**
 * How the database compares with what was sent.
 *
 * @param rowsMissing acknowledged, but not there as they were sent: gone, or altered
 * @param rowsDuplicated there more often than they were sent, acknowledged or not
 * @param contentMismatch there, but never sent like that: altered, or under another time or target
 * @param families how many families were compared
 * @param details of the first findings, for people
 */
public record Verification(
        long rowsMissing, long rowsDuplicated, long contentMismatch, int families, List<String> details) {
    public Verification {
        details = List.copyOf(details);
    }

    public boolean clean() {
        return rowsMissing == 0 && rowsDuplicated == 0 && contentMismatch == 0;
    }
}
