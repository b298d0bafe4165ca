package org.pganalytics.database;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * Standbys that answer questions in place of the host that takes writes.
 *
 * @param url libpq URI of one or several, asked in turn; user and password of the database where it has none; empty for none
 * @param lagMax how far one may be behind and still be asked, 100 ms to 1 h; default 30 s
 */
public record ReplicaConfig(String url, Duration lagMax) {
    public ReplicaConfig {
        Limit.between("database.replicas.lag-max", lagMax, Duration.ofMillis(100), Duration.ofHours(1));
        DatabaseConfig.requireUsable("database.replicas.url", url, "for none");
    }

    public static ReplicaConfig none() {
        return new ReplicaConfig("", Duration.ofSeconds(30));
    }
}
