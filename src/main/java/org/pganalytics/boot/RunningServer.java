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

    /** What is kept of the limit for closing, should the start not come to an end. */
    private static final Duration CLOSING_MIN = Duration.ofSeconds(5);

    private final ServerConfig config;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Ending ending = new Ending();
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile boolean closedWhole;
    private volatile Supplier<Future<Void>> beforeStop = Future::succeededFuture;
    private Server server;
    private Future<Void> opening = Future.failedFuture("not begun");

    private RunningServer(ServerConfig config) {
        this.config = config;
    }

    /**
     * Waits until collectors may come; what was opened is closed again when that fails. Does not return when a signal ends
     * the process meanwhile.
     */
    static RunningServer start(ServerConfig config) {
        Logging.level(config.logLevel());
        var running = new RunningServer(config);
        running.orEnd(running::startAndWait);
        return running;
    }

    private void startAndWait() {
        ending.closes(this::stop);
        try {
            Await.result(open(), START_MAX, "the start");
        } catch (RuntimeException failure) {
            stop();
            throw failure;
        }
    }

    /** Does what needs the server. When that fails because a signal ends the process, nobody need be told: it just ends. */
    void orEnd(Runnable work) {
        ending.orEnd(work);
    }

    private synchronized Future<Void> open() {
        if (!closing.get()) {
            server = new Server(config);
            opening = server.open();
        }
        return opening;
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
                // Whoever put new certificates there has nothing to do with it.
                server.reloadCertificates();
            }
        });
    }

    /** What goes before the server does, such as what it serves in this process. */
    void beforeStop(Supplier<Future<Void>> first) {
        beforeStop = first;
    }

    /** Closes everything at this signal, after which the process ends as its command says, not as the signal would. */
    void stopOn(String signal) {
        UnixSignal.on(signal, this::stop);
    }

    /** Returns when the server was closed by a signal. @return whether all of it was, in time */
    boolean untilStopped() {
        try {
            stopped.await();
            return closedWhole;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Closes everything, within the limit of the configuration; a second call waits for the first. */
    void stop() {
        if (!closing.compareAndSet(false, true)) {
            untilStopped();
            return;
        }
        long untilNanos = System.nanoTime() + config.shutdownWithin().toNanos();
        try {
            if (wasBegun()) {
                close(untilNanos);
            }
            closedWhole = true;
            LOG.info(opening.succeeded() ? "stopped" : "stopped before it was ready");
        } catch (RuntimeException failure) {
            LOG.error(
                    "not everything could be closed within {} s",
                    config.shutdownWithin().toSeconds(),
                    failure);
        } finally {
            stopped.countDown();
        }
    }

    private synchronized boolean wasBegun() {
        return server != null;
    }

    /** A start under way is let come to the end of its step: what it is about to open could not be closed. */
    private void close(long untilNanos) {
        server.stopOpening();
        var left = left(untilNanos).minus(CLOSING_MIN);
        if (!opening.isComplete() && left.compareTo(Duration.ZERO) > 0) {
            Await.ended(opening, left);
        }
        try {
            Await.result(beforeStop.get().eventually(server::close), left(untilNanos), "shutting down");
        } finally {
            Await.result(server.foundation().closeEventLoops(), EVENT_LOOPS_MAX, "closing the event loops");
        }
    }

    private static Duration left(long untilNanos) {
        return Duration.ofNanos(Math.max(1_000_000, untilNanos - System.nanoTime()));
    }
}
