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
    private final ServerDocument document;
    private final Clock clock = Clock.systemUTC();
    private final List<TargetReader> readers = new ArrayList<>();
    private Spool spool;
    private Batcher batcher;
    private Sender sender;
    private CertificateKeeper certificate;
    private Pace pace;
    private long rowsOfEnded;
    private boolean stopping;
    private volatile AgentStatus status = NOT_STARTED;

    /** One that works by its own configuration alone. */
    public Agent(CollectorConfig config, List<MetricFamily> families, MeterRegistry metrics, String version) {
        this(config, families, metrics, version, (text, own, declared) -> {
            throw new IllegalArgumentException("the collector takes no configuration from servers");
        });
    }

    /** @param document how a server's configuration is laid over its own */
    public Agent(
            CollectorConfig config,
            List<MetricFamily> families,
            MeterRegistry metrics,
            String version,
            ServerDocument document) {
        this.config = config;
        this.families = List.copyOf(families);
        this.metrics = metrics;
        this.version = version;
        this.document = document;
    }

    /** May be asked from any thread. */
    public AgentStatus status() {
        return status;
    }

    @Override
    public Future<?> start() {
        var clients = new ServerClients(vertx, config.link().connectTimeout());
        return StateFiles.open(vertx, config, version)
                .compose(credentials -> CertificateKeeper.open(vertx, config, credentials, clients, clock)
                        .onSuccess(opened -> certificate = opened)
                        .map(opened -> new CertifiedCredentials(credentials, opened)))
                .compose(credentials -> Spool.open(vertx, config.stateDir(), config.spool(), config.batch(), clock)
                        .compose(opened -> served().onSuccess(served -> {
                            spool = opened;
                            begin(new Routes(vertx, config.link(), credentials, opened, served, clients), served);
                        })));
    }

    private Future<ServedConfig> served() {
        var alone = new EffectiveConfig(config, families, "");
        return ServedConfig.open(vertx, config, alone, text -> document.over(text, config, families));
    }

    private void begin(Routes routes, ServedConfig served) {
        spool.onForgotten(() -> readers.forEach(TargetReader::forget));
        vertx.setPeriodic(Pace.LOOK_EVERY.toMillis(), tick -> pace.look(System.nanoTime()));
        pace = new Pace(served.inForce().config().cpuBudget(), ProcessCpu::nanos, System.nanoTime());
        batcher = new Batcher(vertx, served.inForce().config().batch(), spool::append);
        read(served.inForce());
        served.onTaken(this::follow);
        var backOff = new BackOff(config.link().retryFirst(), config.link().retryMax(), ThreadLocalRandom.current());
        sender = new Sender(vertx, routes.to(config.servers()), backOff, config.preferFirstAfter(), end -> {});
        sender.start();
        certificate.start();
        vertx.setPeriodic(STATUS_EVERY_MILLIS, tick -> status = look());
        measure();
    }

    private void read(EffectiveConfig by) {
        var fresh = new ArrayList<TargetConfig>();
        for (var target : by.config().targets()) {
            reader(target, by).ifPresentOrElse(reader -> reader.follow(target), () -> fresh.add(target));
        }
        var making =
                new TargetReaders(vertx, by.families(), batcher, config.link().connectTimeout(), clock, pace);
        readers.addAll(making.start(fresh));
    }

    private Optional<TargetReader> reader(TargetConfig target, EffectiveConfig by) {
        return readers.stream()
                .filter(reader -> reader.canFollow(target, by.families()))
                .findFirst();
    }

    /**
     * Reads by another configuration; only targets are read anew that must be reached otherwise. No target has more
     * connections meanwhile than it may: the new ones come when the old ones are gone.
     */
    private Future<Void> follow(EffectiveConfig by) {
        var staying = by.config().targets().stream()
                .flatMap(target -> reader(target, by).stream())
                .toList();
        var ending =
                readers.stream().filter(reader -> !staying.contains(reader)).toList();
        return end(ending).map(ended -> {
            if (!stopping) {
                pace.follow(by.config().cpuBudget());
                batcher.follow(by.config().batch());
                read(by);
            }
            return ended;
        });
    }

    /** What was read is spooled. */
    private Future<Void> end(List<TargetReader> ending) {
        readers.removeAll(ending);
        long already = rows(ending);
        rowsOfEnded += already;
        return Future.join(ending.stream().map(TargetReader::close).toList())
                .otherwiseEmpty()
                .onComplete(closed -> rowsOfEnded += rows(ending) - already)
                .compose(closed -> batcher.flush())
                .otherwiseEmpty()
                .mapEmpty();
    }

    private AgentStatus look() {
        var targets = readers.stream().map(TargetReader::status).toList();
        return new AgentStatus(
                sender.address(),
                sender.lastEnd().map(LinkEnd::detail),
                sender.isStopped(),
                rowsOfEnded + rows(readers),
                spool.status(),
                pace.stretch(),
                targets);
    }

    private static long rows(List<TargetReader> of) {
        return of.stream().mapToLong(TargetReader::rows).sum();
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
                "pganalytics.collector.cycle.seconds",
                "What reading all targets takes, one after the other",
                now -> now.cycle().toMillis() / 1000.0);
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
        stopping = true;
        certificate.stop();
        return end(List.copyOf(readers)).compose(flushed -> sender.stop()).eventually(() -> spool.close());
    }
}
