package org.pganalytics.fleet;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How the inventory is kept.
 *
 * @param lastSeenEvery how often the times of last batches are written, in bulk, 100 ms to 10 min; default 10 s
 * @param collectorsMax collectors whose time waits to be written, 1 to 1 000 000; default 100 000; those beyond have
 *     theirs written with their next batch after the next writing
 */
public record FleetConfig(Duration lastSeenEvery, int collectorsMax) {
    public FleetConfig {
        Limit.between("fleet.last-seen-every", lastSeenEvery, Duration.ofMillis(100), Duration.ofMinutes(10));
        Limit.between("fleet.collectors-max", collectorsMax, 1, 1_000_000);
    }

    public static FleetConfig defaults() {
        return new FleetConfig(Duration.ofSeconds(10), 100_000);
    }
}
