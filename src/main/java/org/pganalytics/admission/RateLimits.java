package org.pganalytics.admission;

/**
 * How fast somebody may send.
 *
 * @param rowsPerSecond long-run rate; more than 0
 * @param burstRows rows at once; at least 1
 * @param bytesPerSecond long-run rate of bytes as they come over the wire; more than 0
 * @param burstBytes bytes at once; at least 1
 */
public record RateLimits(double rowsPerSecond, long burstRows, double bytesPerSecond, long burstBytes) {

    /** What a collector's row in the database says instead; null is the configured value. */
    record Overrides(Double rowsPerSecond, Long burstRows, Double bytesPerSecond, Long burstBytes) {
        static final Overrides NONE = new Overrides(null, null, null, null);
    }

    public RateLimits {
        if (!(rowsPerSecond > 0) || burstRows < 1 || !(bytesPerSecond > 0) || burstBytes < 1) {
            throw new IllegalArgumentException(
                    ("rows-per-second = %s, burst-rows = %d, bytes-per-second = %s, burst-bytes = %d:"
                                    + " each must be more than 0")
                            .formatted(rowsPerSecond, burstRows, bytesPerSecond, burstBytes));
        }
    }

    RateLimits with(Overrides overrides) {
        if (overrides.equals(Overrides.NONE)) {
            return this;
        }
        return new RateLimits(
                overrides.rowsPerSecond == null ? rowsPerSecond : overrides.rowsPerSecond,
                overrides.burstRows == null ? burstRows : overrides.burstRows,
                overrides.bytesPerSecond == null ? bytesPerSecond : overrides.bytesPerSecond,
                overrides.burstBytes == null ? burstBytes : overrides.burstBytes);
    }
}
