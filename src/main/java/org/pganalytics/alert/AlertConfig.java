package org.pganalytics.alert;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * When something is an alert, and when it is over.
 *
 * @param evaluateEvery between two evaluations, 100 ms to 5 min; default 5 s
 * @param silentAfter a collector without a settled batch for that long is silent, 1 s to 30 d; default 5 min; nothing is
 *     called silent before the server itself has run (and the database been back) for that long
 * @param throttledRefusals refusals for its rate within a minute that make a collector a throttled one, 1 to 1 000 000;
 *     default 5
 * @param clearAfter an alert about something that happens (loss, throttling, conflict, quarantine) is over when it has
 *     not happened for that long, 1 s to 30 d; default 10 min
 * @param waitingMax alerts in memory on their way to the table, 10 to 1 000 000; default 10 000; more are counted only
 * @param retention how long alerts that are over are kept, 1 d to 10 000 d; default 400 d
 */
public record AlertConfig(
        Duration evaluateEvery,
        Duration silentAfter,
        int throttledRefusals,
        Duration clearAfter,
        int waitingMax,
        Duration retention) {
    public AlertConfig {
        Limit.between("alert.evaluate-every", evaluateEvery, Duration.ofMillis(100), Duration.ofMinutes(5));
        Limit.between("alert.silent-after", silentAfter, Duration.ofSeconds(1), Duration.ofDays(30));
        Limit.between("alert.throttled-refusals", throttledRefusals, 1, 1_000_000);
        Limit.between("alert.clear-after", clearAfter, Duration.ofSeconds(1), Duration.ofDays(30));
        Limit.between("alert.waiting-max", waitingMax, 10, 1_000_000);
        Limit.between("alert.retention", retention, Duration.ofDays(1), Duration.ofDays(10_000));
    }

    public static AlertConfig defaults() {
        return new AlertConfig(
                Duration.ofSeconds(5), Duration.ofMinutes(5), 5, Duration.ofMinutes(10), 10_000, Duration.ofDays(400));
    }
}
