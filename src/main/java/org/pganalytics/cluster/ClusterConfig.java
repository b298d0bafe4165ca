package org.pganalytics.cluster;

import java.time.Duration;

/**
 * How servers on one database find each other.
 *
 * @param retryAfter pause before a lost connection is made again or a held lock is tried again, 100 ms to 1 min;
 *     default 2 s
 * @param probeEvery how often a connection that only listens or holds a lock is asked whether it lives, and how long it
 *     has to answer, 100 ms to 1 min; default 5 s
 */
public record ClusterConfig(Duration retryAfter, Duration probeEvery) {
    private static final Duration MIN = Duration.ofMillis(100);
    private static final Duration MAX = Duration.ofMinutes(1);

    public ClusterConfig {
        check("cluster.retry-after", retryAfter);
        check("cluster.probe-every", probeEvery);
    }

    public static ClusterConfig defaults() {
        return new ClusterConfig(Duration.ofSeconds(2), Duration.ofSeconds(5));
    }

    private static void check(String name, Duration value) {
        if (value.compareTo(MIN) < 0 || value.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("%s = %s must be between %s and %s".formatted(name, value, MIN, MAX));
        }
    }
}
