package org.pganalytics.collector.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.collector.load.JournalReader.Fate;
import org.pganalytics.fault.Fault;

@ExtendWith(VertxExtension.class)
class LoadRunHttpTest {
    @TempDir
    private Path dir;

    @ParameterizedTest(name = "{0}")
    @CsvSource({"HTTP2, HTTP_2", "JSON, HTTP_1_1"})
    void theSameRowsAreStoredOnceOverHttp(LoadConfig.Mode mode, String version, Vertx vertx) throws Exception {
        var server = new FakeHttpServer(vertx);
        int port = await(server.start());
        var config = LoadConfig.of("127.0.0.1", port, mode, FakeServer.SECRET, dir)
                .withFleet(5, 2, Duration.ofMillis(200), Duration.ofMillis(4_000));

        var report = await(new LoadRun(vertx, config, TestFamilies.ALL).run());

        assertEquals(List.of(), server.complaints);
        assertEquals(Set.of(version), server.versions);
        assertEquals(0, report.lost(), report::toJson);
        assertTrue(report.batchesAcked() > 5, report::toJson);
        assertEquals(Set.of(Fault.RATE_LIMITED), report.nacked().keySet());
        assertEquals(StoredContents.of(server.accounts), StoredContents.journalled(dir, Fate.ACKED));
        assertEquals(report.rowsSent(), StoredContents.rows(StoredContents.of(server.accounts)));
        await(server.stop());
    }

    private static <T> T await(Future<T> future) throws TimeoutException {
        return future.await(30, TimeUnit.SECONDS);
    }
}
