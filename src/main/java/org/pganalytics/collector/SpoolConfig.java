package org.pganalytics.collector;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * Limits of the spool.
 *
 * @param bytesMax most bytes of batches on disk, 64 KiB to 1 TiB; default 1 GiB. At the limit settled batches go first,
 *     then the oldest unsent ones, which are declared lost; what is sent and not settled stays
 * @param settledKept how long settled batches stay, for a server whose database was restored, 0 to 30 days; default 24 h
 * @param settledBytesMax most bytes of settled batches, 0 to {@code bytesMax}; default 256 MiB
 */
public record SpoolConfig(long bytesMax, Duration settledKept, long settledBytesMax) {
    public SpoolConfig {
        Limit.between("spool.bytes-max", bytesMax, 1 << 16, 1L << 40);
        Limit.between("spool.settled-kept", settledKept, Duration.ZERO, Duration.ofDays(30));
        Limit.between("spool.settled-bytes-max", settledBytesMax, 0, bytesMax);
    }

    public static SpoolConfig defaults() {
        return new SpoolConfig(1L << 30, Duration.ofHours(24), 1L << 28);
    }
}
