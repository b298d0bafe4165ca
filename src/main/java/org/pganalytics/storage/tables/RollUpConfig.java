package org.pganalytics.storage.tables;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How samples are rolled up, and how long the roll-ups are kept.
 *
 * @param every pause between two looks for what is to be rolled up, 100 ms to 5 min; default 10 s
 * @param grace how long after its end a minute is rolled up, and how long a change waits for others: what comes later is
 *     late, and its minutes are rolled up again; 0 s to 1 h; default 30 s
 * @param share of the time that one connection rolls up, while there is much to be done; the rest of it batches have the
 *     database to themselves; 0.05 to 1; default 0.25
 * @param targetsAtOnce most targets of a family that one transaction rolls up, 1 to 10,000; default 50
 * @param minutesAtOnce most minutes of a target that one transaction rolls up, 1 to 1,440; default 60
 * @param minuteRetention how long roll-ups by the minute and by ten are kept, 1 d to 3,650 d; default 31 d
 * @param hourRetention how long roll-ups by the hour are kept, 1 d to 3,650 d; default 400 d
 */
public record RollUpConfig(
        Duration every,
        Duration grace,
        double share,
        int targetsAtOnce,
        int minutesAtOnce,
        Duration minuteRetention,
        Duration hourRetention) {
    private static final Duration RETENTION_MIN = Duration.ofDays(1);
    private static final Duration RETENTION_MAX = Duration.ofDays(3_650);

    public RollUpConfig {
        Limit.between("roll-up.every", every, Duration.ofMillis(100), Duration.ofMinutes(5));
        Limit.between("roll-up.grace", grace, Duration.ZERO, Duration.ofHours(1));
        Limit.between("roll-up.share", share, 0.05, 1);
        Limit.between("roll-up.targets-at-once", targetsAtOnce, 1, 10_000);
        Limit.between("roll-up.minutes-at-once", minutesAtOnce, 1, 1_440);
        Limit.between("roll-up.minute-retention", minuteRetention, RETENTION_MIN, RETENTION_MAX);
        Limit.between("roll-up.hour-retention", hourRetention, RETENTION_MIN, RETENTION_MAX);
    }

    public static RollUpConfig defaults() {
        return new RollUpConfig(
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                0.25,
                50,
                60,
                Duration.ofDays(31),
                Duration.ofDays(400));
    }
}
