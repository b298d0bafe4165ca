package org.pganalytics.boot;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.pganalytics.collector.Agent;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.config.ProfileFile;
import org.pganalytics.model.MetricFamily;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent in a process of its own: started, replaced on SIGHUP, and ended once by a signal. */
final class RunningAgent {
    private static final Logger LOG = LoggerFactory.getLogger(RunningAgent.class);
    private static final Duration START_MAX = Duration.ofMinutes(1);
    private static final Duration STOP_MAX = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Ending ending = new Ending();
    private volatile Future<String> deploying = Future.failedFuture("not begun");
    private CollectorConfig config;
    private List<MetricFamily> families;
    private String deployment;
    private volatile Agent agent;

    /** Does not return when a signal ends the process meanwhile. */
    synchronized void start(CollectorConfig first, List<MetricFamily> declared) {
        ending.orEnd(() -> {
            ending.closes(this::stop);
            deploy(first, declared);
        });
    }

    /**
     * Ends the agent and starts one with the new settings on the same spool, so that nothing collected is lost; nothing
     * happens when nothing differs, and a state directory can only change with a restart of the process.
     */
    synchronized void replace(CollectorConfig fresh, List<MetricFamily> declared) {
        if (!fresh.stateDir().equals(config.stateDir())) {
            LOG.warn("reload: nothing was changed: another state.dir needs a restart");
        } else if (fresh.equals(config) && declared.equals(families)) {
            LOG.info("reload: nothing differs");
        } else {
            exchange(fresh, declared);
        }
    }

    /** When the new one cannot start, the old one does; when not even that, the process ends: its supervisor will see. */
    private void exchange(CollectorConfig fresh, List<MetricFamily> declared) {
        try {
            Await.result(vertx.undeploy(deployment), STOP_MAX, "ending the agent");
            deploy(fresh, declared);
            LOG.info("reload: done");
        } catch (RuntimeException failure) {
            LOG.error(
                    "reload: the agent does not start with this configuration; the one before is taken again", failure);
            try {
                deploy(config, families);
            } catch (RuntimeException gone) {
                LOG.error("the agent does not start again", gone);
                System.exit(1);
            }
        }
    }

    private void deploy(CollectorConfig chosen, List<MetricFamily> declared) {
        agent = new Agent(chosen, declared, new SimpleMeterRegistry(), Version.number(), ProfileFile::over);
        deploying = vertx.deployVerticle(agent);
        deployment = Await.result(deploying, START_MAX, "the agent's start");
        config = chosen;
        families = declared;
        LOG.info(
                "collecting {} families from {} targets",
                declared.size(),
                chosen.targets().size());
    }

    void untilStopped() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closing Vert.x undeploys the agent, which closes its spool in order; one that is starting is let come to that. */
    private void stop() {
        try {
            Await.ended(deploying, STOP_MAX);
            var said = lastWords();
            Await.result(vertx.close(), STOP_MAX, "stopping");
            LOG.info(said);
        } finally {
            stopped.countDown();
        }
    }

    private String lastWords() {
        if (!deploying.succeeded()) {
            return "stopped before it was ready";
        }
        var last = agent.status();
        return "stopped; %d rows were collected, the last cycle over %d targets took %d ms"
                .formatted(
                        last.rowsCollected(),
                        last.targets().size(),
                        last.cycle().toMillis());
    }
}
