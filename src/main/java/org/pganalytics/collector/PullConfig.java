package org.pganalytics.collector;

import java.time.Duration;
import java.util.List;
import org.pganalytics.fault.Limit;
import org.pganalytics.model.Labels;

/**
 * What a server may say about this agent's work, and by what it is chosen.
 *
 * @param labels up to 32 {@code key=value}, by which operators choose collectors; default none
 * @param serverConfig what of a server's configuration is taken; default all
 * @param serverFamilies whether SQL that a server declares is run, read-only as all SQL is; default false
 * @param serverConfigEvery how often the server is asked, 1 s to 1 day; default 1 min; over TCP a change is told besides
 */
public record PullConfig(
        List<String> labels, Allowed serverConfig, boolean serverFamilies, Duration serverConfigEvery) {

    /** What of a server's configuration is taken. */
    public enum Allowed {
        /** Everything; limits towards targets only as far as they are tighter than this agent's own. */
        ALL,
        /** How often families are collected, and nothing else. */
        INTERVALS,
        /** Nothing. */
        NONE
    }

    public PullConfig {
        Labels.parse(labels);
        Limit.between("server-config-every", serverConfigEvery, Duration.ofSeconds(1), Duration.ofDays(1));
        labels = List.copyOf(labels);
    }

    public static PullConfig defaults() {
        return new PullConfig(List.of(), Allowed.ALL, false, Duration.ofMinutes(1));
    }
}
