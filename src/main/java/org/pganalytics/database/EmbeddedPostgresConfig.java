package org.pganalytics.database;

import java.nio.file.Path;
import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * Settings of the PostgreSQL that the server brings along, used when no database is configured.
 *
 * @param folder everything of it lies below; made when missing
 * @param port TCP port on 127.0.0.1, 0 to 65535; default 0, a free one that is kept across restarts while it stays free
 * @param startTimeout longest wait for it to take connections, crash recovery included, 1 s to 1 h; default 5 min
 * @param stopTimeout longest wait for a fast shutdown before an immediate one, 1 s to 10 min; default 20 s
 * @param restartBackoffMax longest pause before a postmaster that died is started again, 100 ms to 10 min; default 30 s
 * @param logBytesMax size at which its log is moved aside (one old log is kept), 64 KiB to 1 GiB; default 16 MiB
 * @param sharedBuffersMib memory for its buffers in MiB, 16 to 65536; default 256
 * @param connectionsMax most connections it takes, 10 to 1000; default 100
 */
public record EmbeddedPostgresConfig(
        Path folder,
        int port,
        Duration startTimeout,
        Duration stopTimeout,
        Duration restartBackoffMax,
        long logBytesMax,
        int sharedBuffersMib,
        int connectionsMax) {

    public EmbeddedPostgresConfig {
        folder = folder.toAbsolutePath().normalize();
        Limit.between("database.embedded.port", port, 0, 65_535);
        Limit.between("database.embedded.start-timeout", startTimeout, Duration.ofSeconds(1), Duration.ofHours(1));
        Limit.between("database.embedded.stop-timeout", stopTimeout, Duration.ofSeconds(1), Duration.ofMinutes(10));
        Limit.between(
                "database.embedded.restart-backoff-max",
                restartBackoffMax,
                Duration.ofMillis(100),
                Duration.ofMinutes(10));
        Limit.between("database.embedded.log-bytes-max", logBytesMax, 64L << 10, 1L << 30);
        Limit.between("database.embedded.shared-buffers-mib", sharedBuffersMib, 16, 65_536);
        Limit.between("database.embedded.connections-max", connectionsMax, 10, 1_000);
    }

    /** The defaults, below this folder. */
    public static EmbeddedPostgresConfig in(Path folder) {
        return new EmbeddedPostgresConfig(
                folder, 0, Duration.ofMinutes(5), Duration.ofSeconds(20), Duration.ofSeconds(30), 16L << 20, 256, 100);
    }
}
