package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/** One budget a collector, made when it is first needed and dropped when it would be as new. Thread-safe. */
final class CollectorBudgets {
    private static final UUID OTHERS = new UUID(0, 0);

    private final BiFunction<UUID, RateLimits, Budget> fresh;
    private final Allotments<UUID, Budget> budgets;

    /** @param fresh makes the budget of one collector */
    CollectorBudgets(
            int budgetsMax,
            BiFunction<UUID, RateLimits, Budget> fresh,
            LongSupplier nanoClock,
            MeterRegistry registry) {
        this.fresh = fresh;
        this.budgets = new Allotments<>(budgetsMax, OTHERS, Budget::full, nanoClock);
        registry.gauge("pganalytics.admission.budgets", budgets, Allotments::size);
    }

    Budget of(UUID collector, RateLimits limits) {
        var budget = budgets.of(collector, key -> fresh.apply(key, limits));
        budget.tune(limits);
        return budget;
    }

    int size() {
        return budgets.size();
    }
}
