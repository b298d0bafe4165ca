package org.pganalytics.alert;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.pganalytics.audit.SafeText;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises alerts and clears them, in the table and the log, each once. What is open stands in the table, so it survives
 * this server; while the database is away, alerts wait in memory. One instance.
 */
public final class AlertVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(AlertVerticle.class);
    private static final Duration TRIM_EVERY = Duration.ofHours(1);

    private final Bus bus;
    private final AlertTable table;
    private final AlertConfig config;
    private final Clock clock;
    private final String server;
    private final Observations observations;
    private final RedisOutage redis;
    private final AtomicLong open = new AtomicLong();
    private final Counter lost;
    private Instant silenceCountsFrom;
    private boolean leftoversCleared;
    private boolean failing;
    private Future<Void> evaluating = Future.succeededFuture();

    /** @param server what this server is called in its alerts: the same after a restart, another one for each server */
    public AlertVerticle(Bus bus, Pool pool, AlertConfig config, Clock clock, String server, MeterRegistry registry) {
        this.bus = bus;
        this.table = new AlertTable(pool);
        this.config = config;
        this.clock = clock;
        this.server = server;
        this.observations = new Observations(config);
        this.redis = new RedisOutage(server);
        this.lost = registry.counter("pganalytics.alert.lost");
        registry.gauge("pganalytics.alert.open", open);
    }

    @Override
    public Future<?> start() {
        silenceCountsFrom = clock.instant().plus(config.silentAfter());
        bus.on(Event.LossDeclared.class, event -> observations.lossDeclared(event, clock.instant()));
        bus.on(Event.PushLost.class, event -> observations.pushLost(event, clock.instant()));
        bus.on(Event.BatchRefused.class, event -> observations.batchRefused(event, clock.instant()));
        bus.on(Event.RowsFolded.class, event -> observations.rowsFolded(event, clock.instant()));
        bus.on(Event.StoreStateChanged.class, this::storeStateChanged);
        bus.on(Event.RedisStateChanged.class, event -> redis.changed(event, clock.instant()));
        vertx.setPeriodic(config.evaluateEvery().toMillis(), tick -> evaluate());
        vertx.setPeriodic(TRIM_EVERY.toMillis(), tick -> trim());
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return evaluating.compose(done -> evaluate());
    }

    /** Told to the log at once: the table cannot be reached now, as a rule. */
    private void storeStateChanged(Event.StoreStateChanged event) {
        if (!observations.storeStateChanged(event, clock.instant())) {
            return;
        }
        if (event.up()) {
            silenceCountsFrom = clock.instant().plus(config.silentAfter());
            LOG.info("alert cleared: {}: the database takes batches again", Rule.DATABASE_REFUSING.code());
        } else {
            LOG.warn("alert raised: {}: {}", Rule.DATABASE_REFUSING.code(), refusing(event.detail()));
        }
    }

    private Future<Void> evaluate() {
        if (evaluating.isComplete()) {
            lost.increment(observations.takeLost());
            // A failure is settled here: what waits goes on waiting, and the next evaluation tries again.
            evaluating = clearLeftovers()
                    .compose(cleared -> writeOutages())
                    .compose(written -> writeObservations())
                    .compose(written -> clearRedis())
                    .compose(written -> lookForSilence())
                    .compose(looked -> clearQuiet())
                    .onSuccess(done -> failing = false)
                    .onFailure(this::tellFirst)
                    .otherwiseEmpty();
        }
        return evaluating;
    }

    private Future<Void> clearLeftovers() {
        if (leftoversCleared
                || observations.outage().isPresent()
                || observations.firstEnded().isPresent()) {
            // An outage of this run takes the open row over, and clears it at its own end.
            leftoversCleared = true;
            return Future.succeededFuture();
        }
        return table.clear(Rule.DATABASE_REFUSING, server).onSuccess(cleared -> leftoversCleared = true);
    }

    /** Also what an earlier run left open. */
    private Future<Void> clearRedis() {
        return redis.isOver()
                ? table.clear(Rule.REDIS_AWAY, server).onSuccess(cleared -> redis.cleared())
                : Future.succeededFuture();
    }

    private Future<Void> writeOutages() {
        var first = observations.firstEnded();
        if (first.isEmpty()) {
            return Future.succeededFuture();
        }
        var outage = first.get();
        return table.ended(outage, server, refusing(outage.detail()), clock.instant())
                .onSuccess(written -> observations.written(outage))
                .compose(written -> writeOutages());
    }

    private Future<Void> writeObservations() {
        var now = clock.instant();
        redis.observed(now).ifPresent(observations::add);
        var seen = observations.takeAll();
        var all = observations
                .outage()
                .map(outage ->
                        new Observation(Rule.DATABASE_REFUSING, server, refusing(outage.detail()), outage.since(), now))
                .map(refusing ->
                        Stream.concat(seen.stream(), Stream.of(refusing)).toList())
                .orElse(seen);
        return table.observe(all, now)
                .onSuccess(news -> tell("raised", news))
                .onFailure(failure -> observations.putBack(seen))
                .mapEmpty();
    }

    private Future<Void> lookForSilence() {
        boolean tooEarly = clock.instant().isBefore(silenceCountsFrom)
                || observations.outage().isPresent();
        Future<List<AlertTable.News>> raised =
                tooEarly ? Future.succeededFuture(List.of()) : table.raiseSilent(config.silentAfter());
        return raised.onSuccess(news -> tell("raised", news))
                .compose(done -> table.clearHeard(config.silentAfter()))
                .onSuccess(news -> tell("cleared", news))
                .mapEmpty();
    }

    private Future<Void> clearQuiet() {
        return table.clearQuiet(config.clearAfter())
                .onSuccess(news -> tell("cleared", news))
                .compose(cleared -> table.countOpen())
                .onSuccess(open::set)
                .mapEmpty();
    }

    /** The database's own refusals are told when they happen, not when they are written. */
    private static void tell(String what, List<AlertTable.News> news) {
        news.stream()
                .filter(each -> !each.rule().equals(Rule.DATABASE_REFUSING.code()))
                .forEach(each -> LOG.warn("alert {}: {}: {}", what, each.rule(), SafeText.of(each.message(), 500)));
    }

    private void tellFirst(Throwable failure) {
        if (!failing) {
            failing = true;
            LOG.warn("alerts cannot be written, they wait in memory: {}", failure.getMessage());
        }
    }

    private void trim() {
        table.trim(config.retention())
                .onFailure(failure -> LOG.warn("old alerts could not be deleted: {}", failure.getMessage()));
    }

    private String refusing(String detail) {
        return "server %s: the database does not take batches: %s".formatted(server, detail);
    }
}
