package org.pganalytics.collector;

import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.pganalytics.collector.TargetSourcesConfig.Kind;
import org.pganalytics.collector.host.HostFacts;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Source;

/** Builds the reader of each target, with what can be read there. */
final class TargetReaders {
    private static final Duration FIRST_MIN = Duration.ofSeconds(10);
    private static final Duration FIRST_EACH = Duration.ofMillis(200);
    private static final Duration FIRST_MAX = Duration.ofMinutes(1);

    private static final HostFacts HOST = HostFacts.ofThisMachine();

    private final Vertx vertx;
    private final WorkerExecutor files;
    private final WorkerExecutor sorting;
    private final List<MetricFamily> families;
    private final Batcher batcher;
    private final Duration connectTimeout;
    private final Clock clock;
    private final RandomGenerator random;
    private final Pace pace;

    TargetReaders(
            Vertx vertx,
            List<MetricFamily> families,
            Batcher batcher,
            Duration connectTimeout,
            Clock clock,
            Pace pace) {
        this.vertx = vertx;
        // Closed with the verticle that they are made by.
        this.files = vertx.createSharedWorkerExecutor("pganalytics-host", 1);
        this.sorting = vertx.createSharedWorkerExecutor("pganalytics-rows", 1);
        this.families = families;
        this.batcher = batcher;
        this.connectTimeout = connectTimeout;
        this.clock = clock;
        this.random = ThreadLocalRandom.current();
        this.pace = pace;
    }

    /** Starts to read them; the more there are, the longer the first round takes. */
    List<TargetReader> start(List<TargetConfig> targets) {
        var roundMillis = Math.min(FIRST_MAX.toMillis(), FIRST_MIN.toMillis() + targets.size() * FIRST_EACH.toMillis());
        return targets.stream()
                .map(target -> start(target, Duration.ofMillis(roundMillis)))
                .toList();
    }

    private TargetReader start(TargetConfig target, Duration firstWithin) {
        var outlet = new Outlet(batcher, sorting, clock, random);
        var reader = target.sources().kind() == Kind.PGBOUNCER ? ofPgBouncer(target, outlet) : ofServer(target, outlet);
        if (target.sources().isOnThisHost(target.host())) {
            reader.reads(Source.HOST, new HostReader(target.name(), HOST, files, outlet, clock));
        }
        reader.reads(Source.AGENT, new ConditionReader(target.name(), reader::jobs, outlet, clock));
        reader.start(families, pace, firstWithin);
        return reader;
    }

    private TargetReader ofServer(TargetConfig target, Outlet outlet) {
        var lanes = new ConnectionLanes(vertx, TargetOptions.reading(target), target, connectTimeout);
        var sql = new SqlReader(target, lanes, families, outlet, clock);
        var reader = new TargetReader(vertx, target, outlet, sql::version);
        sql.onAnother(reader::tryAgain);
        reader.reads(Source.SQL, sql);
        return reader;
    }

    private TargetReader ofPgBouncer(TargetConfig target, Outlet outlet) {
        var reader = new TargetReader(vertx, target, outlet, () -> 0);
        reader.reads(Source.PGBOUNCER, new PgBouncerReader(vertx, target, connectTimeout, outlet, clock));
        return reader;
    }
}
