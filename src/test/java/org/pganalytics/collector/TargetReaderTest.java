package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Source;

class TargetReaderTest {
    private static final MetricFamily FAMILY = FamilyFiles.load(Path.of("conf/families")).stream()
            .filter(family -> family.reading().source() == Source.AGENT)
            .findFirst()
            .orElseThrow();

    private Vertx vertx;
    private Context context;

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
        context = vertx.getOrCreateContext();
    }

    @AfterEach
    void close() {
        Waiting.on(vertx.close());
    }

    private static TargetConfig target() {
        return target(Duration.ofSeconds(1), Set.of());
    }

    private static TargetConfig target(Duration interval, Set<String> skip) {
        return new TargetConfig(
                "t",
                "127.0.0.1",
                5432,
                "watcher",
                "",
                "postgres",
                List.of(),
                TargetTlsConfig.NONE,
                1,
                Duration.ofSeconds(1),
                Duration.ofMillis(100),
                Map.of(FAMILY.name(), interval),
                skip,
                TargetSourcesConfig.POSTGRESQL);
    }

    @Test
    void aReaderThatThrowsHasFailedAndIsAskedAgain() {
        var asked = new int[1];
        var reader = new TargetReader(vertx, target(), outlet(), () -> 0);
        reader.reads(Source.AGENT, family -> {
            asked[0]++;
            throw new ClassCastException("a column of another type");
        });
        vertx.runOnContext(
                go -> reader.start(List.of(FAMILY), new Pace(0, () -> 0, System.nanoTime()), Duration.ofSeconds(1)));
        Waiting.until(() -> asked[0] >= 2);
        assertEquals(
                Map.of(FAMILY.name(), "a column of another type"),
                reader.status().errors());
        Waiting.on(reader.close());
    }

    @Test
    void whatDoesNotChangeGoesOnWhenAnotherConfigurationIsFollowed() {
        var reader = new TargetReader(vertx, target(), outlet(), () -> 0);
        var started = new ArrayList<Promise<Condition>>();
        reader.reads(Source.AGENT, family -> {
            var reading = Promise.<Condition>promise();
            started.add(reading);
            return reading.future();
        });
        var families = List.of(FAMILY);
        context.runOnContext(
                go -> reader.start(families, new Pace(0, () -> 0, System.nanoTime()), Duration.ofSeconds(1)));
        Waiting.until(() -> started.size() == 1);
        var job = reader.jobs().get(0);

        var slower = target(Duration.ofSeconds(30), Set.of());
        assertTrue(reader.canFollow(slower, families));
        Waiting.on(done(() -> reader.follow(slower)));
        assertSame(job, reader.jobs().get(0));
        assertEquals(Duration.ofSeconds(30), job.interval());

        var none = target(Duration.ofSeconds(1), Set.of(FAMILY.name()));
        Waiting.on(done(() -> reader.follow(none)));
        assertEquals(List.of(), reader.jobs());

        Waiting.on(done(() -> reader.follow(target())));
        assertSame(job, reader.jobs().get(0), "its reading is still under way, it must not begin another one");
        Waiting.until(() -> job.skipped() > 0);
        assertEquals(1, started.size());
        Waiting.on(done(() -> started.get(0).complete(Condition.OK)));
        Waiting.until(() -> started.size() == 2);
        Waiting.on(reader.close());
    }

    @Test
    void whatIsReachedOtherwiseOrReadByAnotherStatementCannotBeFollowed() {
        var reader = new TargetReader(vertx, target(), outlet(), () -> 0);
        reader.start(List.of(FAMILY), new Pace(0, () -> 0, System.nanoTime()), Duration.ofSeconds(1));
        assertTrue(reader.canFollow(target(), List.of(FAMILY)));
        assertFalse(reader.canFollow(target(), List.of()));
        var one = target();
        var slower = new TargetConfig(
                one.name(),
                one.host(),
                one.port(),
                one.user(),
                one.password(),
                one.database(),
                one.databases(),
                one.tls(),
                one.connectionsMax(),
                Duration.ofSeconds(2),
                one.lockTimeout(),
                one.intervals(),
                one.skip(),
                one.sources());
        assertFalse(reader.canFollow(slower, List.of(FAMILY)));
        Waiting.on(reader.close());
    }

    private Outlet outlet() {
        var batches = new Batcher(vertx, BatchConfig.defaults(), blocks -> Future.succeededFuture(true));
        return new Outlet(batches, vertx.createSharedWorkerExecutor("test"), Clock.systemUTC(), new Random(1));
    }

    /** On the event loop that the reader ticks on. */
    private Future<Void> done(Runnable step) {
        var done = Promise.<Void>promise();
        context.runOnContext(go -> {
            step.run();
            done.complete();
        });
        return done.future();
    }
}
