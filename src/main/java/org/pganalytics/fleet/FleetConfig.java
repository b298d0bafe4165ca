package org.pganalytics.fleet;

import java.time.Duration;

/**
 * How the inventory is kept.
 *
 * @param lastSeenEvery how often the times of last batches are written, in bulk, 100 ms to 10 min; default 10 s
 * @param collectorsMax collectors whose time waits to be written, 1 to 1 000 000; default 100 000; those beyond have
 *     theirs written with their next batch after the next writing
 */
public record FleetConfig(Duration lastSeenEvery, int collectorsMax) {
    public FleetConfig {
        if (lastSeenEvery.compareTo(Duration.ofMillis(100)) < 0
                || lastSeenEvery.compareTo(Duration.ofMinutes(10)) > 0) {
            throw new IllegalArgumentException(
                    "fleet.last-seen-every = %s must be between PT0.1S and PT10M".formatted(lastSeenEvery));
        }
        if (collectorsMax < 1 || collectorsMax > 1_000_000) {
            throw new IllegalArgumentException(
                    "fleet.collectors-max = %d must be between 1 and 1000000".formatted(collectorsMax));
        }
    }

    public static FleetConfig defaults() {
        return new FleetConfig(Duration.ofSeconds(10), 100_000);
    }
}
