package org.pganalytics.cluster;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How servers on one database find each other.
 *
 * @param retryAfter pause before a lost connection is made again or a held lock is tried again, 100 ms to 1 min;
 *     default 500 ms, so that another leads within 2 s of a death
 * @param probeEvery how often a connection that only listens or holds a lock is asked whether it lives, and how long it
 *     has to answer, 100 ms to 1 min; default 5 s
 * @param pollInterval how often what other servers declared is looked for, of which a notification tells at once, 100 ms to
 *     1 min; default 2 s
 * @param workMax longest that one piece of work of the leader may take, its single statements included; then its
 *     connection is given up, so that another server leads; 1 s to 1 d; default 30 min
 * @param spread how collectors are spread over them
 */
public record ClusterConfig(
        Duration retryAfter, Duration probeEvery, Duration pollInterval, Duration workMax, SpreadConfig spread) {
    private static final Duration MIN = Duration.ofMillis(100);
    private static final Duration MAX = Duration.ofMinutes(1);

    public ClusterConfig {
        Limit.between("cluster.retry-after", retryAfter, MIN, MAX);
        Limit.between("cluster.probe-every", probeEvery, MIN, MAX);
        Limit.between("cluster.poll-interval", pollInterval, MIN, MAX);
        Limit.between("cluster.work-max", workMax, Duration.ofSeconds(1), Duration.ofDays(1));
    }

    /** With the collectors spread as shipped. */
    public ClusterConfig(Duration retryAfter, Duration probeEvery, Duration pollInterval, Duration workMax) {
        this(retryAfter, probeEvery, pollInterval, workMax, SpreadConfig.defaults());
    }

    public static ClusterConfig defaults() {
        return new ClusterConfig(
                Duration.ofMillis(500), Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofMinutes(30));
    }
}
