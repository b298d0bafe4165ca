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
