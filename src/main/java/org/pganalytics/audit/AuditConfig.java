package org.pganalytics.audit;

import java.nio.file.Path;
import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How events become rows of the audit, and what proves them.
 *
 * @param flushAfter longest an event waits in memory, 100 ms to 1 min; default 2 s; like ones meanwhile become one row
 * @param waitingMax different events in memory, 10 to 1 000 000; default 10 000; what comes beyond is counted in a row
 * @param retention how long rows are kept, 90 d to 10 000 d; default 400 d
 * @param keyFile the file with the keys that prove events, 0600 and the same on every server; null: none, or audit.keys in
 *     data.dir with the embedded database
 * @param checkpointFile what was sealed is also told to this file, which is only added to; null: none, or
 *     audit.checkpoints in data.dir with the embedded database
 * @param sealEvery how often new events are sealed into the chain, 100 ms to 1 min; default 1 s
 */
public record AuditConfig(
        Duration flushAfter,
        int waitingMax,
        Duration retention,
        Path keyFile,
        Path checkpointFile,
        Duration sealEvery) {
    public static final Duration RETENTION_MIN = Duration.ofDays(90);

    public AuditConfig {
        Limit.between("audit.flush-after", flushAfter, Duration.ofMillis(100), Duration.ofMinutes(1));
        Limit.between("audit.retention", retention, RETENTION_MIN, Duration.ofDays(10_000));
        Limit.between("audit.waiting-max", waitingMax, 10, 1_000_000);
        Limit.between("audit.seal-every", sealEvery, Duration.ofMillis(100), Duration.ofMinutes(1));
    }

    /** Without keys. */
    public AuditConfig(Duration flushAfter, int waitingMax, Duration retention) {
        this(flushAfter, waitingMax, retention, null, null, Duration.ofSeconds(1));
    }

    public static AuditConfig defaults() {
        return new AuditConfig(Duration.ofSeconds(2), 10_000, Duration.ofDays(400));
    }
}
