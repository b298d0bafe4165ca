package org.pganalytics.collector;

import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Source;

/** Builds the reader of each target, with what can be read there. */
final class TargetReaders {
    private final Vertx vertx;
    private final List<MetricFamily> families;
    private final Batcher batcher;
    private final Duration connectTimeout;
    private final Clock clock;
    private final RandomGenerator random;

    TargetReaders(
            Vertx vertx,
            List<MetricFamily> families,
            Batcher batcher,
            Duration connectTimeout,
            Clock clock,
            RandomGenerator random) {
        this.vertx = vertx;
        this.families = families;
        this.batcher = batcher;
        this.connectTimeout = connectTimeout;
        this.clock = clock;
        this.random = random;
    }

    /** Starts to read a target. */
    TargetReader start(TargetConfig target) {
        var outlet = new Outlet(batcher, clock, random);
        var lanes = new ConnectionLanes(vertx, TargetOptions.reading(target), target, connectTimeout);
        var sql = new SqlReader(target, lanes, families, outlet, clock);
        var reader = new TargetReader(vertx, target, outlet, sql::version);
        reader.reads(Source.SQL, sql);
        reader.reads(Source.AGENT, new ConditionReader(target.name(), reader::jobs, outlet, clock));
        reader.start(families, random);
        return reader;
    }
}
