package org.pganalytics.collector;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.ToDoubleFunction;
import org.pganalytics.model.MetricFamily;

/** The collector's agent: opens spool, targets and link in this order, and closes them in the other. Deployed once. */
public final class Agent extends VerticleBase {
    private static final AgentStatus NOT_STARTED =
            new AgentStatus(Optional.empty(), Optional.empty(), false, 0, SpoolStatus.EMPTY, 1, List.of());
    private static final long STATUS_EVERY_MILLIS = 500;

    private final CollectorConfig config;
    private final List<MetricFamily> families;
    private final MeterRegistry metrics;
    private final String version;
    private final Clock clock = Clock.systemUTC();
    private final List<TargetReader> readers = new ArrayList<>();
    private Spool spool;
    private Batcher batcher;
    private Sender sender;
    private Pace pace;
    private volatile AgentStatus status = NOT_STARTED;

    public Agent(CollectorConfig config, List<MetricFamily> families, MeterRegistry metrics, String version) {
        this.config = config;
        this.families = List.copyOf(families);
        this.metrics = metrics;
        this.version = version;
    }

    /** May be asked from any thread. */
    public AgentStatus status() {
        return status;
    }

    @Override
    public Future<?> start() {
        return StateFiles.open(vertx, config, version)
                .compose(credentials -> Spool.open(vertx, config.stateDir(), config.spool(), config.batch(), clock)
                        .onSuccess(opened -> begin(credentials, opened)));
    }

    private void begin(Credentials credentials, Spool opened) {
        spool = opened;
        batcher = new Batcher(vertx, config.batch(), spool::append);
        spool.onForgotten(() -> readers.forEach(TargetReader::forget));
        pace = new Pace(config.cpuBudget(), ProcessCpu::nanos, System.nanoTime());
        vertx.setPeriodic(Pace.LOOK_EVERY.toMillis(), tick -> pace.look(System.nanoTime()));
        var making = new TargetReaders(vertx, families, batcher, config.link().connectTimeout(), clock, pace);
        readers.addAll(making.start(config.targets()));
        var routes = new Routes(vertx, config.link(), credentials, spool).to(config.servers());
        var backOff = new BackOff(config.link().retryFirst(), config.link().retryMax(), ThreadLocalRandom.current());
        sender = new Sender(vertx, routes, backOff, config.preferFirstAfter(), end -> {});
        sender.start();
        vertx.setPeriodic(STATUS_EVERY_MILLIS, tick -> status = look());
        measure();
    }

    private AgentStatus look() {
        var targets = readers.stream().map(TargetReader::status).toList();
        return new AgentStatus(
                sender.address(),
                sender.lastEnd().map(LinkEnd::detail),
                sender.isStopped(),
                targets.stream().mapToLong(TargetStatus::rows).sum(),
                spool.status(),
                pace.stretch(),
                targets);
    }

    private void measure() {
        gauge(
                "pganalytics.collector.spool.bytes",
                "Bytes of batches on disk",
                now -> now.spool().bytes());
        gauge(
                "pganalytics.collector.spool.batches",
                "Batches not yet settled",
                now -> now.spool().batches());
        gauge("pganalytics.collector.rows.collected", "Rows collected since the start", AgentStatus::rowsCollected);
        gauge(
                "pganalytics.collector.rows.settled",
                "Rows settled since the start",
                now -> now.spool().rowsSettled());
        gauge(
                "pganalytics.collector.rows.lost",
                "Rows lost since the start",
                now -> now.spool().rowsLost());
        gauge(
                "pganalytics.collector.interval.stretch",
                "By how much intervals are longer than declared, for the CPU budget's sake",
                AgentStatus::stretch);
        gauge(
                "pganalytics.collector.targets.failing",
                "Targets with an error now",
                now -> now.targets().stream()
                        .filter(target -> !target.errors().isEmpty())
                        .count());
        gauge(
                "pganalytics.collector.families.unavailable",
                "Families, counted at each target, that the target does not let the agent read or does not have",
                now -> now.targets().stream()
                        .mapToInt(target -> target.unavailable().size())
                        .sum());
    }

    private void gauge(String name, String description, ToDoubleFunction<AgentStatus> value) {
        Gauge.builder(name, this, agent -> value.applyAsDouble(agent.status()))
                .description(description)
                .register(metrics);
    }

    /** Stops reading, spools what was read, ends the link, closes the spool. */
    @Override
    public Future<?> stop() {
        if (spool == null) {
            return Future.succeededFuture();
        }
        return Future.join(readers.stream().map(TargetReader::close).toList())
                .otherwiseEmpty()
                .compose(closed -> batcher.flush())
                .compose(flushed -> sender.stop())
                .eventually(() -> spool.close());
    }
}
