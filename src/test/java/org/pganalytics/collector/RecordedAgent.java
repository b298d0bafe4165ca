package org.pganalytics.collector;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.BatchDecoder;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.NativeJson;
import org.pganalytics.wire.WireLimits;

/**
 * Records what an agent with the settings as shipped sends while it watches a PostgreSQL at work, for {@code SizeTest}:
 * every batch from its first one on, one line of native JSON each. A program, to be run by hand; takes the seconds to
 * record and the file to write.
 */
final class RecordedAgent {
    private static final long WARM_UP_SECONDS = 40;

    private RecordedAgent() {}

    public static void main(String[] arguments) throws Exception {
        int seconds = Integer.parseInt(arguments[0]);
        var directory = Files.createTempDirectory("recorded-agent");
        var vertx = Vertx.vertx();
        try (var watched = WatchedServer.start(17);
                var workload =
                        ShopWorkload.start(watched.database().superuserAddress().dataSource(Duration.ofSeconds(20)));
                var server = FakeServer.start(vertx);
                var out = new GZIPOutputStream(Files.newOutputStream(Path.of(arguments[1])))) {
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            var families = FamilyFiles.load(Path.of("conf/families"));
            var config = config(directory, server.port(), watched.target("shop-db-1", 2));
            var agent = vertx.deployVerticle(new Agent(config, families, new SimpleMeterRegistry(), "recorded"));
            var deployed = Waiting.on(agent);
            TimeUnit.SECONDS.sleep(seconds);
            Waiting.on(vertx.undeploy(deployed));
            write(server.seen, out);
        } finally {
            Waiting.on(vertx.close());
        }
        // Threads of the drivers outlive what they served.
        System.exit(0);
    }

    private static CollectorConfig config(Path directory, int port, TargetConfig target) {
        var link = new LinkConfig(
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofSeconds(35),
                64,
                Duration.ofMillis(500),
                Duration.ofSeconds(60));
        return new CollectorConfig(
                "recorded",
                directory.resolve("state"),
                "a-registration-secret",
                List.of(new ServerConfig("127.0.0.1", port, 0, false, "", true)),
                Duration.ofMinutes(5),
                0,
                List.of(target),
                BatchConfig.defaults(),
                SpoolConfig.defaults(),
                link);
    }

    private static void write(List<Frame> frames, OutputStream out) throws Exception {
        Map<Long, FamilySchema> schemas = new HashMap<>();
        var decoder = new BatchDecoder(WireLimits.standard());
        for (var frame : frames) {
            if (frame instanceof Frame.Schema schema) {
                schemas.put(schema.schema().fingerprint(), schema.schema());
            } else if (frame instanceof Frame.BatchFrame batch) {
                var blocks = decoder.decode(batch.header(), batch.body(), schemas::get);
                out.write(NativeJson.encode(batch.header().position(), List.of(), blocks)
                        .getBytes());
                out.write('\n');
            }
        }
    }
}
