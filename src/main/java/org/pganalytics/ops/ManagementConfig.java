package org.pganalytics.ops;

import java.time.Duration;

/**
 * The listener for health and metrics.
 *
 * @param host to listen on; default 127.0.0.1
 * @param port 0 to 65535, 0 lets the system choose; default 9464
 * @param checkTime longest a readiness check may take before it counts as failed; 10 ms to 1 min, default 2 s
 */
public record ManagementConfig(String host, int port, Duration checkTime) {
    public ManagementConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("management.port = %d must be between 0 and 65535".formatted(port));
        }
        if (checkTime.toMillis() < 10 || checkTime.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException(
                    "management.check-time = %d ms must be between 10 ms and 60000 ms".formatted(checkTime.toMillis()));
        }
    }
}
