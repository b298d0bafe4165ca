package org.pganalytics.ops;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * The listener for health and metrics.
 *
 * @param host to listen on; default 127.0.0.1
 * @param port 0 to 65535, 0 lets the system choose; default 9464
 * @param checkTime longest a readiness check may take before it counts as failed; 10 ms to 1 min, default 2 s
 * @param connectionsMax open at once; more are closed unanswered and counted; 2 to 10,000, default 100
 * @param idleTime longest a connection may be without a complete request head; 1 s to 1 h, default 60 s
 * @param headerBytesMax most bytes of a request's headers; 1 KiB to 64 KiB, default 8 KiB
 */
public record ManagementConfig(
        String host, int port, Duration checkTime, int connectionsMax, Duration idleTime, int headerBytesMax) {
    public ManagementConfig {
        Limit.listening("management.host", host);
        Limit.between("management.port", port, 0, 65_535);
        Limit.between("management.check-time", checkTime, Duration.ofMillis(10), Duration.ofMinutes(1));
        Limit.between("management.connections-max", connectionsMax, 2, 10_000);
        Limit.between("management.idle-time", idleTime, Duration.ofSeconds(1), Duration.ofHours(1));
        Limit.between("management.header-bytes-max", headerBytesMax, 1 << 10, 64 << 10);
    }
}
