package org.pganalytics.boot;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.pganalytics.config.ConfigException;
import org.pganalytics.config.ServerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server in this process: started, told to reload, and closed once, by a signal or by its command. */
final class RunningServer {
    private static final Logger LOG = LoggerFactory.getLogger(RunningServer.class);
    private static final Duration EVENT_LOOPS_MAX = Duration.ofSeconds(3);
    private static final Duration START_MAX = Duration.ofMinutes(10);

    private final Server server;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile Supplier<Future<Void>> beforeStop = Future::succeededFuture;

    private RunningServer(Server server) {
        this.server = server;
    }

    /** Waits until collectors may come; what was opened is closed again when that fails. */
    static RunningServer start(ServerConfig config) {
        Logging.level(config.logLevel());
        var running = new RunningServer(new Server(config));
        Runtime.getRuntime().addShutdownHook(new Thread(running::stop, "shutdown"));
        try {
            Await.result(running.server.open(), START_MAX, "the start");
        } catch (RuntimeException failure) {
            running.stop();
            throw failure;
        }
        return running;
    }

    Server server() {
        return server;
    }

    /** Reads the configuration again at this signal; a bad one changes nothing. */
    void reloadOn(String signal, Supplier<ServerConfig> load) {
        UnixSignal.on(signal, () -> {
            try {
                var reload = server.reload(load.get());
                reload.applied().forEach(change -> LOG.info("reload: applied {}", change));
                reload.needsRestart().forEach(change -> LOG.warn("reload: needs a restart: {}", change));
                LOG.info("reload: done");
            } catch (ConfigException wrong) {
                LOG.error("reload: nothing was changed, the configuration is wrong: {}", wrong.getMessage());
            }
        });
    }

    /** What goes before the server does, such as what it serves in this process. */
    void beforeStop(Supplier<Future<Void>> first) {
        beforeStop = first;
    }

    /** Returns when the server was closed by a signal. */
    void untilStopped() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes everything, within the limit of the configuration; a second call waits for the first. */
    void stop() {
        if (!closing.compareAndSet(false, true)) {
            untilStopped();
            return;
        }
        var limit = server.config().shutdownWithin();
        try {
            Await.result(beforeStop.get().eventually(server::close), limit, "shutting down");
            Await.result(server.foundation().closeEventLoops(), EVENT_LOOPS_MAX, "closing the event loops");
            LOG.info("stopped");
        } catch (RuntimeException failure) {
            LOG.error("not everything could be closed in {} s", limit.toSeconds(), failure);
        } finally {
            stopped.countDown();
        }
    }
}
