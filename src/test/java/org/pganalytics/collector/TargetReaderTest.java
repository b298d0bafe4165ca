package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
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

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void close() {
        Waiting.on(vertx.close());
    }

    private static TargetConfig target() {
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
                Map.of(FAMILY.name(), Duration.ofSeconds(1)),
                Set.of(),
                TargetSourcesConfig.POSTGRESQL);
    }

    @Test
    void aReaderThatThrowsHasFailedAndIsAskedAgain() {
        var batches = new Batcher(vertx, BatchConfig.defaults(), blocks -> Future.succeededFuture(true));
        var outlet = new Outlet(batches, vertx.createSharedWorkerExecutor("test"), Clock.systemUTC(), new Random(1));
        var asked = new int[1];
        var reader = new TargetReader(vertx, target(), outlet, () -> 0);
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
}
