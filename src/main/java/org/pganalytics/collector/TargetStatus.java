package org.pganalytics.collector;

import java.time.Duration;
import java.util.Map;

/**
 * A watched server at a moment.
 *
 * @param version {@code server_version_num}; 0 until it first answered
 * @param rows collected since the start
 * @param ticksSkipped collections left out because the one before was still running
 * @param round how long reading it took, the longest of the last six times
 * @param errors what is wrong now, by family
 * @param unavailable what the target does not let the role read, or does not have, by family, be it in one of its databases
 *     only; it stays so until a person acts
 */
public record TargetStatus(
        String name,
        int version,
        long rows,
        long ticksSkipped,
        Duration round,
        Map<String, String> errors,
        Map<String, String> unavailable) {
    public TargetStatus {
        errors = Map.copyOf(errors);
        unavailable = Map.copyOf(unavailable);
    }
}
