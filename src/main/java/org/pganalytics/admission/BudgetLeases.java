package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
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
    /** At most as many as calls of Redis. */
    private final Set<Future<Void>> underWay = ConcurrentHashMap.newKeySet();

    private volatile boolean stopped;
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

    /** Gives back what is held, so that the other servers have it at once; what comes later is accounted for no more. */
    Future<Void> stop() {
        vertx.cancelTimer(timer);
        var own = context;
        if (own == null) {
            return Future.succeededFuture();
        }
        var given = Promise.<Void>promise();
        own.runOnContext(run -> {
            stopped = true;
            ended(List.copyOf(underWay))
                    .compose(ended -> giveBack(List.copyOf(inUse).iterator()))
                    .onComplete(given);
        });
        return given.future();
    }

    /** In portions: more calls than may be under way at once would fail. */
    private Future<Void> giveBack(Iterator<LeasedBudget> left) {
        var portion = new ArrayList<Future<Void>>();
        while (left.hasNext() && link.isUp() && portion.size() < link.config().callsMax() / 2) {
            var budget = left.next();
            budget.last().ifPresent(offer -> portion.add(exchange(budget, offer)));
        }
        return portion.isEmpty() ? Future.succeededFuture() : ended(portion).compose(ended -> giveBack(left));
    }

    private static Future<Void> ended(List<Future<Void>> exchanges) {
        return Future.join(exchanges).<Void>mapEmpty().otherwiseEmpty();
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
            own.runOnContext(run -> {
                // Many may have found room meanwhile.
                if (link.hasRoom()) {
                    exchangeIfDue(budget);
                }
            });
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
        if (stopped) {
            return;
        }
        budget.offer(0.75 + 0.5 * random.getAsDouble()).ifPresent(offer -> {
            var exchange = exchange(budget, offer);
            underWay.add(exchange);
            exchange.onComplete(ended -> underWay.remove(exchange));
        });
        if (!budget.isInUse()) {
            inUse.remove(budget);
            // It may have been used again just before that.
            if (budget.isInUse()) {
                inUse.add(budget);
            }
        }
    }

    private Future<Void> exchange(LeasedBudget budget, LeasedBudget.Offer offer) {
        // In a cluster, what stands in braces says which node has it.
        var keys = List.of(link.key("{" + budget.collector() + "}:budget"));
        return link.run(BudgetScript.EXCHANGE, keys, BudgetScript.arguments(members.name(), offer))
                .map(BudgetScript::grant)
                .onSuccess(budget::exchanged)
                .onFailure(failure -> budget.failed(members.count()))
                .mapEmpty();
    }
}
