package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Source;

/** A PgBouncer that takes connections and says nothing: tries at it must not add up. */
class HungPgBouncerTest {
    private static final MetricFamily FAMILY = FamilyFiles.load(Path.of("conf/families")).stream()
            .filter(family -> family.reading().source() == Source.PGBOUNCER)
            .findFirst()
            .orElseThrow();

    private final AtomicInteger came = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private Vertx vertx;

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void close() {
        Waiting.on(vertx.close());
    }

    @Test
    void eachTryEndsItsConnection() {
        var hung = Waiting.on(vertx.createNetServer()
                .connectHandler(socket -> {
                    came.incrementAndGet();
                    open.incrementAndGet();
                    socket.closeHandler(closed -> open.decrementAndGet());
                })
                .listen(0, "127.0.0.1"));
        for (int attempt = 0; attempt < 3; attempt++) {
            var asked = read(hung.actualPort());
            Waiting.until(asked::isComplete);
            assertTrue(asked.failed());
        }
        Waiting.until(() -> open.get() == 0);
        assertEquals(3, came.get());
    }

    private Future<Condition> read(int port) {
        var target = new TargetConfig(
                "bouncer",
                "127.0.0.1",
                port,
                "watcher",
                "",
                "postgres",
                List.of(),
                TargetTlsConfig.NONE,
                1,
                Duration.ofMillis(200),
                Duration.ofMillis(100),
                Map.of(),
                Set.of(),
                new TargetSourcesConfig(TargetSourcesConfig.Kind.PGBOUNCER, TargetSourcesConfig.OnThisHost.NO));
        return Future.future(promise -> vertx.runOnContext(go -> {
            var batcher = new Batcher(vertx, BatchConfig.defaults(), blocks -> Future.succeededFuture(true));
            var worker = vertx.createSharedWorkerExecutor("hung-pgbouncer", 1);
            var outlet = new Outlet(batcher, worker, Clock.systemUTC(), new Random(1));
            new PgBouncerReader(vertx, target, Duration.ofMillis(300), outlet, Clock.systemUTC())
                    .read(FAMILY)
                    .onComplete(promise);
        }));
    }
}
