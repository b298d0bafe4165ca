package org.pganalytics.storage.rollup;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import org.pganalytics.model.RollUp.Level;

/** Counts what is rolled up, and how far behind that is. */
final class RollUpMeters {
    private final Map<Level, Counter> rows = new EnumMap<>(Level.class);
    private final Counter missed;
    private final Counter failed;
    private volatile double lagSeconds = Double.NaN;

    RollUpMeters(MeterRegistry meters) {
        for (var level : Level.values()) {
            rows.put(level, meters.counter("pganalytics.storage.rollup.rows", "level", level.word()));
        }
        missed = meters.counter("pganalytics.storage.rollup.missed");
        failed = meters.counter("pganalytics.storage.rollup.failed");
        Gauge.builder("pganalytics.storage.rollup.lag", this, own -> own.lagSeconds)
                .baseUnit("seconds")
                .description("how long the oldest rows wait that are not rolled up yet")
                .register(meters);
    }

    void rolledUp(Level level, long count) {
        rows.get(level).increment(count);
    }

    void missed(long minutes) {
        missed.increment(minutes);
    }

    void failed() {
        failed.increment();
    }

    void lag(double seconds) {
        lagSeconds = seconds;
    }
}
