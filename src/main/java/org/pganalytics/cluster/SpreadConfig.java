package org.pganalytics.cluster;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How collectors that hold a connection are spread over the servers of a database.
 *
 * @param enabled whether this server lets go of those it holds beyond its part, so that they connect again, to another one
 * @param every how often servers tell each other how many they hold, and let some go, 100 ms to 1 min; default 5 s
 */
public record SpreadConfig(boolean enabled, Duration every) {
    public SpreadConfig {
        Limit.between("cluster.spread.every", every, Duration.ofMillis(100), Duration.ofMinutes(1));
    }

    public static SpreadConfig defaults() {
        return new SpreadConfig(true, Duration.ofSeconds(5));
    }
}
