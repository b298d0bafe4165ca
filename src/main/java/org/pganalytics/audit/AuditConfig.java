package org.pganalytics.audit;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How events become rows of the audit.
 *
 * @param flushAfter longest an event waits in memory, 100 ms to 1 min; default 2 s; like ones meanwhile become one row
 * @param waitingMax different events in memory, 10 to 1 000 000; default 10 000; what comes beyond is counted in a row
 * @param retention how long rows are kept, 1 d to 10 000 d; default 400 d
 */
public record AuditConfig(Duration flushAfter, int waitingMax, Duration retention) {
    public AuditConfig {
        Limit.between("audit.flush-after", flushAfter, Duration.ofMillis(100), Duration.ofMinutes(1));
        Limit.between("audit.retention", retention, Duration.ofDays(1), Duration.ofDays(10_000));
        Limit.between("audit.waiting-max", waitingMax, 10, 1_000_000);
    }

    public static AuditConfig defaults() {
        return new AuditConfig(Duration.ofSeconds(2), 10_000, Duration.ofDays(400));
    }
}
