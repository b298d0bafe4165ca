package org.pganalytics.boot;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.pganalytics.collector.Agent;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.config.FamilyFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the agent until it is told to stop. */
@Command(
        name = "collect",
        description = "Runs the agent: watches PostgreSQL servers, keeps what it saw on disk until a server has"
                + " acknowledged it. SIGTERM ends it; what was not sent stays in the spool.",
        mixinStandardHelpOptions = true)
final class CollectCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(CollectCommand.class);
    private static final Duration START_MAX = Duration.ofMinutes(1);
    private static final Duration STOP_MAX = Duration.ofSeconds(20);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The collector's configuration, HOCON. Default: conf/collector.conf where there is one.")
    private Path file;

    @Option(
            names = "--families",
            paramLabel = "DIR",
            description = "Declarations of the metric families. Default: conf/families.")
    private Path families;

    @Override
    public Integer call() {
        var usual = HomeDirectory.resolve("conf/collector.conf");
        var chosen = file != null ? file : Files.exists(usual) ? usual : null;
        var config = CollectorConfigFile.load(chosen, System.getenv());
        var declared = FamilyFiles.load(families == null ? HomeDirectory.resolve("conf/families") : families);
        if (config.targets().isEmpty()) {
            LOG.warn("there is no target in {}: nothing will be collected", chosen);
        }
        var vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        var agent = new Agent(config, declared, new SimpleMeterRegistry(), Version.number());
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(vertx, stopped), "shutdown"));
        Await.result(vertx.deployVerticle(agent), START_MAX, "the agent's start");
        LOG.info("collecting from {} targets", config.targets().size());
        await(stopped);
        return 0;
    }

    /** Closing Vert.x undeploys the agent, which closes its spool in order. */
    private static void stop(Vertx vertx, CountDownLatch stopped) {
        try {
            Await.result(vertx.close(), STOP_MAX, "stopping");
            LOG.info("stopped");
        } finally {
            stopped.countDown();
        }
    }

    private static void await(CountDownLatch stopped) {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
