package org.pganalytics.query;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * What one reader of the API may ask for, and how many may ask at once.
 *
 * @param poolSize connections of readers, apart from those that write batches, 1 to 100; default 2
 * @param waitingMax most queries that wait for a connection, beyond it they are OVERLOADED; 1 to 10,000; default 50
 * @param statementTimeout longest a query may take; 100 ms to 10 min; default 10 s
 * @param rangeMax longest time range of a query; 1 min to 3,650 d; default 31 d
 * @param bucketsMax most buckets of a time range; 1 to 100,000; default 2,000
 * @param textBytesMax a page ends after the row with which its texts are more than this; 64 KiB to 64 MiB; default 4 MiB
 */
public record QueryConfig(
        int poolSize, int waitingMax, Duration statementTimeout, Duration rangeMax, int bucketsMax, int textBytesMax) {
    public QueryConfig {
        Limit.between("query.pool-size", poolSize, 1, 100);
        Limit.between("query.waiting-max", waitingMax, 1, 10_000);
        Limit.between("query.statement-timeout", statementTimeout, Duration.ofMillis(100), Duration.ofMinutes(10));
        Limit.between("query.range-max", rangeMax, Duration.ofMinutes(1), Duration.ofDays(3_650));
        Limit.between("query.buckets-max", bucketsMax, 1, 100_000);
        Limit.between("query.text-bytes-max", textBytesMax, 64 << 10, 64 << 20);
    }

    public static QueryConfig defaults() {
        return new QueryConfig(2, 50, Duration.ofSeconds(10), Duration.ofDays(31), 2_000, 4 << 20);
    }
}
