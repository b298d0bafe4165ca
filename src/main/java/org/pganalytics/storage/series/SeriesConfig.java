package org.pganalytics.storage.series;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How many series a collector may create in a day (UTC). A series is what the key columns of a family tell apart at a
 * target; rows of those beyond a limit are folded into one row. Reloadable: all but the reports.
 *
 * @param perFamilyMax series of one family, unless its file says series-max; 1 to 100 000 000; default 1 000 000
 * @param perCollectorMax series of all families together; 1 to 100 000 000; default 2 000 000
 * @param memoryBytesMax what this may take for all collectors: three quarters for counting, 10 to 20 bytes a series, and one
 *     for following the counters of folded ones; of each a quarter only for those who take less than a sixteenth; beyond it
 *     new series are folded as well, or not followed; 1 MiB to 64 GiB; default 64 MiB
 * @param followedMax folded series of one collector whose counters are followed, 0 to 1 000 000; default 10 000; more add
 *     nothing to the counters of the row that they are folded into
 * @param reportEvery between two writings of who has most; 100 ms to 1 h; default 1 min
 * @param reportKeep how long these are kept; 1 d to 3 650 d; default 30 d
 */
public record SeriesConfig(
        int perFamilyMax,
        int perCollectorMax,
        long memoryBytesMax,
        int followedMax,
        Duration reportEvery,
        Duration reportKeep) {
    private static final int SERIES_MAX = 100_000_000;

    public SeriesConfig {
        Limit.between("series.per-family-max", perFamilyMax, 1, SERIES_MAX);
        Limit.between("series.per-collector-max", perCollectorMax, 1, SERIES_MAX);
        Limit.between("series.memory-bytes-max", memoryBytesMax, 1L << 20, 64L << 30);
        Limit.between("series.followed-max", followedMax, 0, 1_000_000);
        Limit.between("series.report-every", reportEvery, Duration.ofMillis(100), Duration.ofHours(1));
        Limit.between("series.report-keep", reportKeep, Duration.ofDays(1), Duration.ofDays(3_650));
    }

    /** The same with the limits of another: the part that may change while running. */
    public SeriesConfig withLimitsOf(SeriesConfig other) {
        return new SeriesConfig(
                other.perFamilyMax,
                other.perCollectorMax,
                other.memoryBytesMax,
                other.followedMax,
                reportEvery,
                reportKeep);
    }

    /** The defaults, as in reference.conf. */
    public static SeriesConfig defaults() {
        return new SeriesConfig(1_000_000, 2_000_000, 64L << 20, 10_000, Duration.ofMinutes(1), Duration.ofDays(30));
    }
}
