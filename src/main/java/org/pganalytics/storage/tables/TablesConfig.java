package org.pganalytics.storage.tables;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How family tables are kept.
 *
 * @param partitionsAhead days for which partitions are made in advance, 1 to 30; default 3
 * @param maintenanceEvery pause between two runs of the maintenance, 1 s to 1 day; default 10 min
 * @param lockTimeout longest a change of a table waits for its lock, for so long may writers wait too, 10 ms to 1 min;
 *     default 2 s
 * @param lockTries how often a change that did not get its lock is tried, 1 to 100; default 10
 * @param targetsPerCollector most targets one collector may have, 1 to 1000000; default 10000
 * @param targetCache most target ids kept in memory, 100 to 10000000; default 100000
 * @param directCompressRows least rows a target that one COPY must have to be written as columns at once, by TimescaleDB's
 *     community edition 2.21 or later only; 0 (never) to 1000000; default 500
 */
public record TablesConfig(
        int partitionsAhead,
        Duration maintenanceEvery,
        Duration lockTimeout,
        int lockTries,
        int targetsPerCollector,
        int targetCache,
        int directCompressRows) {

    public TablesConfig {
        Limit.between("tables.partitions-ahead", partitionsAhead, 1, 30);
        Limit.between("tables.maintenance-every", maintenanceEvery, Duration.ofSeconds(1), Duration.ofDays(1));
        Limit.between("tables.lock-timeout", lockTimeout, Duration.ofMillis(10), Duration.ofMinutes(1));
        Limit.between("tables.lock-tries", lockTries, 1, 100);
        Limit.between("tables.targets-per-collector", targetsPerCollector, 1, 1_000_000);
        Limit.between("tables.target-cache", targetCache, 100, 10_000_000);
        Limit.between("tables.direct-compress-rows", directCompressRows, 0, 1_000_000);
    }

    public static TablesConfig defaults() {
        return new TablesConfig(3, Duration.ofMinutes(10), Duration.ofSeconds(2), 10, 10_000, 100_000, 500);
    }
}
