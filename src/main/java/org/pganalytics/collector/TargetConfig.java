package org.pganalytics.collector;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pganalytics.fault.Limit;

/**
 * A PostgreSQL server or a PgBouncer to watch.
 *
 * @param name what it is called in the data, 1 to 255 characters, unique among the targets
 * @param host name or address
 * @param port 1 to 65,535; default 5432
 * @param user a role with pg_monitor
 * @param password may be empty; already read from where the configuration says it stands
 * @param database the main one, where families of the whole server are collected; default postgres
 * @param databases where families of scope database are collected; empty: every one that takes connections
 * @param tls whether and how the connection is encrypted
 * @param connectionsMax most connections to it at once, 1 to 20; default 2
 * @param statementTimeout longest one query may take, 100 ms to 10 min; default 10 s
 * @param lockTimeout longest one query may wait for a lock, 1 ms to {@code statementTimeout}; default 500 ms
 * @param intervals other intervals than the families declare, by family, each 1 s to 1 day
 * @param skip families not to collect here
 * @param sources what is read there
 */
public record TargetConfig(
        String name,
        String host,
        int port,
        String user,
        String password,
        String database,
        List<String> databases,
        TargetTlsConfig tls,
        int connectionsMax,
        Duration statementTimeout,
        Duration lockTimeout,
        Map<String, Duration> intervals,
        Set<String> skip,
        TargetSourcesConfig sources) {
    /** Shortest interval of a family. */
    public static final Duration INTERVAL_MIN = Duration.ofSeconds(1);

    /** Longest one. */
    public static final Duration INTERVAL_MAX = Duration.ofDays(1);

    /** Whether both are read over the same connections, though perhaps other families at other times. */
    boolean isReadLike(TargetConfig other) {
        return equals(new TargetConfig(
                other.name,
                other.host,
                other.port,
                other.user,
                other.password,
                other.database,
                other.databases,
                other.tls,
                other.connectionsMax,
                other.statementTimeout,
                other.lockTimeout,
                intervals,
                skip,
                other.sources));
    }

    public TargetConfig {
        Limit.filled("targets.name", name);
        Limit.between("length of targets.name", name.length(), 1, 255);
        Limit.filled("targets.host", host);
        Limit.between("targets.port", port, 1, 65_535);
        Limit.filled("targets.user", user);
        Limit.filled("targets.database", database);
        Limit.between("targets.connections-max", connectionsMax, 1, 20);
        Limit.between("targets.statement-timeout", statementTimeout, Duration.ofMillis(100), Duration.ofMinutes(10));
        Limit.between("targets.lock-timeout", lockTimeout, Duration.ofMillis(1), statementTimeout);
        intervals.forEach((family, interval) ->
                Limit.between("targets.intervals." + family, interval, INTERVAL_MIN, INTERVAL_MAX));
        databases = List.copyOf(databases);
        intervals = Map.copyOf(intervals);
        skip = Set.copyOf(skip);
    }

    /** Names no secret. */
    @Override
    public String toString() {
        return "TargetConfig[%s at %s:%d]".formatted(name, host, port);
    }
}
