package org.pganalytics.collector;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The agent at a moment, for people.
 *
 * @param server the link in use, such as {@code tcp://127.0.0.1:7431}; empty between two
 * @param lastEnd how the last link ended; empty while the first one lasts
 * @param stopped whether sending has stopped until a person acts
 * @param rowsCollected since the start, of all targets
 * @param stretch by how much intervals are longer than declared, 1 and more
 */
public record AgentStatus(
        Optional<String> server,
        Optional<String> lastEnd,
        boolean stopped,
        long rowsCollected,
        SpoolStatus spool,
        double stretch,
        List<TargetStatus> targets) {
    public AgentStatus {
        targets = List.copyOf(targets);
    }

    /** How long it takes to read all targets, were they read one after the other: the longest rounds of each, added up. */
    public Duration cycle() {
        return targets.stream().map(TargetStatus::round).reduce(Duration.ZERO, Duration::plus);
    }
}
