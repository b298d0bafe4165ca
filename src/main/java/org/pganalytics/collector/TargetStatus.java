package org.pganalytics.collector;

import java.util.Map;

/**
 * A watched server at a moment.
 *
 * @param version {@code server_version_num}; 0 until it first answered
 * @param rows collected since the start
 * @param ticksSkipped collections left out because the one before was still running
 * @param errors what is wrong now, by family
 */
public record TargetStatus(String name, int version, long rows, long ticksSkipped, Map<String, String> errors) {
    public TargetStatus {
        errors = Map.copyOf(errors);
    }
}
