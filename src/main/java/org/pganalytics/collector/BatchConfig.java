package org.pganalytics.collector;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How rows become batches.
 *
 * @param rowsMax most rows of a batch, 1 to 100,000; default 5,000
 * @param bytesMax most bytes of a batch before compression, as estimated, 64 KiB to 32 MiB; default 4 MiB. Below what
 *     servers take
 * @param flushAfter longest a row waits for company before it is spooled, 10 ms to 1 min; default 1 s
 * @param zstdLevel 1 (fast) to 19 (small); default 9
 */
public record BatchConfig(int rowsMax, int bytesMax, Duration flushAfter, int zstdLevel) {
    public BatchConfig {
        Limit.between("batch.rows-max", rowsMax, 1, 100_000);
        Limit.between("batch.bytes-max", bytesMax, 1 << 16, 1 << 25);
        Limit.between("batch.flush-after", flushAfter, Duration.ofMillis(10), Duration.ofMinutes(1));
        Limit.between("batch.zstd-level", zstdLevel, 1, 19);
    }

    public static BatchConfig defaults() {
        return new BatchConfig(5_000, 1 << 22, Duration.ofSeconds(1), 9);
    }
}
