package org.pganalytics.storage.tables;

import java.util.Map;

/**
 * What one run of the maintenance did.
 *
 * @param made partitions made ahead
 * @param dropped partitions or chunks whose time was over
 * @param forgotten texts of dictionaries that were not sent for their retention
 * @param failures by family: why it was left for the next run
 */
public record MaintenanceRun(long made, long dropped, long forgotten, Map<String, String> failures) {
    static final MaintenanceRun NOTHING = new MaintenanceRun(0, 0, 0, Map.of());

    public MaintenanceRun {
        failures = Map.copyOf(failures);
    }

    MaintenanceRun plus(MaintenanceRun other) {
        var all = new java.util.HashMap<>(failures);
        all.putAll(other.failures);
        return new MaintenanceRun(made + other.made, dropped + other.dropped, forgotten + other.forgotten, all);
    }
}
