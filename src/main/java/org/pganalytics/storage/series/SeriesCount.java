package org.pganalytics.storage.series;

import java.time.LocalDate;
import java.util.UUID;

/**
 * What a collector has created of a family in a day, as one run of a server has seen it.
 *
 * @param series those with rows of their own
 * @param seriesMax most there may be of this family
 * @param foldedRows committed
 * @param unfollowedRows of these, those whose counters could not be followed
 * @param bound the limit that was met last, or null
 */
public record SeriesCount(
        UUID collector,
        String family,
        LocalDate day,
        long series,
        long seriesMax,
        long foldedRows,
        long unfollowedRows,
        Bound bound) {

    boolean isOfSame(SeriesCount other) {
        return day.equals(other.day) && family.equals(other.family) && collector.equals(other.collector);
    }

    /** This one and an earlier look at the same: numbers only grow. */
    SeriesCount and(SeriesCount other) {
        return new SeriesCount(
                collector,
                family,
                day,
                Math.max(series, other.series),
                Math.max(seriesMax, other.seriesMax),
                Math.max(foldedRows, other.foldedRows),
                Math.max(unfollowedRows, other.unfollowedRows),
                bound == null ? other.bound : bound);
    }

    /** What keeps a collector from creating more. */
    public enum Bound {
        FAMILY("series-max of the family, or series.per-family-max"),
        COLLECTOR("series.per-collector-max"),
        MEMORY("series.memory-bytes-max");

        private final String setting;

        Bound(String setting) {
            this.setting = setting;
        }

        /** What an operator changes to let more in. */
        public String setting() {
            return setting;
        }
    }
}
