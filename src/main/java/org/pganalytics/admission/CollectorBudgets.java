package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** One budget a collector, made when it is first needed and dropped when it would be as new. Thread-safe. */
final class CollectorBudgets {
    private static final UUID OTHERS = new UUID(0, 0);
    private static final long SWEEP_EVERY = Duration.ofSeconds(1).toNanos();

    private final int budgetsMax;
    private final LongSupplier nanoClock;
    private final ConcurrentHashMap<UUID, Budget> budgets = new ConcurrentHashMap<>();
    private long sweptAt;

    CollectorBudgets(int budgetsMax, LongSupplier nanoClock, MeterRegistry registry) {
        this.budgetsMax = budgetsMax;
        this.nanoClock = nanoClock;
        this.sweptAt = nanoClock.getAsLong() - SWEEP_EVERY;
        registry.gauge("pganalytics.admission.budgets", budgets, ConcurrentHashMap::size);
    }

    Budget of(UUID collector, RateLimits limits) {
        var budget = budgets.get(collector);
        if (budget == null) {
            budget = add(collector, limits);
        }
        budget.tune(limits);
        return budget;
    }

    int size() {
        return budgets.size();
    }

    private Budget add(UUID collector, RateLimits limits) {
        if (budgets.size() >= budgetsMax) {
            sweep();
        }
        var key = budgets.size() < budgetsMax ? collector : OTHERS;
        return budgets.computeIfAbsent(key, added -> new Budget(limits, nanoClock));
    }

    /** At most once a second: it walks over all of them. */
    private synchronized void sweep() {
        long now = nanoClock.getAsLong();
        if (now - sweptAt >= SWEEP_EVERY) {
            sweptAt = now;
            budgets.values().removeIf(Budget::full);
        }
    }
}
