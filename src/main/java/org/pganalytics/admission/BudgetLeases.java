package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.pganalytics.cluster.Members;
import org.pganalytics.cluster.RedisLink;

/**
 * Exchanges tokens between the budgets of this server and those that all servers have together in Redis: in the background,
 * of each collector that sends a few times a second, never while a batch waits for it.
 */
final class BudgetLeases implements LeasedBudget.Keeper {
    private static final int LOOKS_PER_EXCHANGE = 4;
    /** Exchanges a millisecond that a budget cannot reach; the numbers stay exact in Lua, which has doubles only. */
    private static final int NUMBERS_PER_MILLI = 1_024;

    private final Vertx vertx;
    private final Members members;
    private final RedisLink link;
    private final Clock clock;
    private final LongSupplier nanoClock;
    private final DoubleSupplier random;
    private final Set<LeasedBudget> inUse = ConcurrentHashMap.newKeySet();
    private volatile Context context;
    private long timer = -1;

    BudgetLeases(Vertx vertx, Members members, Gate.Chance chance, Clock clock, MeterRegistry registry) {
        this.vertx = vertx;
        this.members = members;
        this.link = members.link();
        this.clock = clock;
        this.nanoClock = chance.nanoClock();
        this.random = chance.random();
        registry.gauge("pganalytics.admission.leases", inUse, Set::size);
    }

    void start() {
        context = vertx.getOrCreateContext();
        long every = link.config().renewEvery().toMillis() / LOOKS_PER_EXCHANGE;
        timer = vertx.setPeriodic(Math.max(1, every), tick -> look());
    }

    /** Gives back what is held, so that the other servers have it at once. */
    Future<Void> stop() {
        vertx.cancelTimer(timer);
        var last = inUse.stream().map(budget -> exchange(budget, budget::last)).toList();
        inUse.clear();
        return Future.join(last).<Void>mapEmpty().otherwiseEmpty();
    }

    LeasedBudget budget(UUID collector, RateLimits limits) {
        // Numbers that begin again after a restart would make an exchange that was answered look like one that was not.
        long numbered = clock.millis() * NUMBERS_PER_MILLI;
        return new LeasedBudget(collector, limits, link.config().renewEvery(), this, nanoClock, numbered);
    }

    @Override
    public void inUse(LeasedBudget budget) {
        inUse.add(budget);
        if (!link.isUp()) {
            budget.goAlone(members.count());
        }
    }

    @Override
    public void hurry(LeasedBudget budget) {
        var own = context;
        if (own != null && link.hasRoom()) {
            own.runOnContext(run -> exchangeIfDue(budget));
        }
    }

    private void look() {
        boolean up = link.isUp();
        for (var budget : inUse) {
            if (!up) {
                budget.goAlone(members.count());
            } else if (link.hasRoom()) {
                exchangeIfDue(budget);
            }
        }
    }

    private void exchangeIfDue(LeasedBudget budget) {
        exchange(budget, () -> budget.offer(0.75 + 0.5 * random.getAsDouble()));
        if (!budget.isInUse()) {
            inUse.remove(budget);
            // It may have been used again just before that.
            if (budget.isInUse()) {
                inUse.add(budget);
            }
        }
    }

    private Future<Void> exchange(LeasedBudget budget, Supplier<Optional<LeasedBudget.Offer>> begin) {
        var offer = begin.get();
        if (offer.isEmpty()) {
            return Future.succeededFuture();
        }
        // In a cluster, what stands in braces says which node has it.
        var keys = List.of(link.key("{" + budget.collector() + "}:budget"));
        return link.run(BudgetScript.EXCHANGE, keys, BudgetScript.arguments(members.name(), offer.get()))
                .map(BudgetScript::grant)
                .onSuccess(budget::exchanged)
                .onFailure(failure -> budget.failed(members.count()))
                .mapEmpty();
    }
}
