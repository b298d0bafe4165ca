package org.pganalytics.database;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.pgclient.SslMode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.pganalytics.fault.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL of our own, on loopback only, kept alive as long as the server wants it.
 *
 * <p>It outlives a killed server; the next one on the same folder adopts it and never starts a second. One server at a
 * time owns a folder.
 */
public final class EmbeddedPostgres {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration STEADY = Duration.ofMinutes(1);
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final EmbeddedPostgresConfig config;
    private final PostgresArchive archive;
    private final PostgresFolder folder;
    private final Counter restarts;
    private final WorkerExecutor worker;

    private Postmaster postmaster;
    private PostgresBinaries binaries;
    private boolean supervised;
    private volatile boolean stopping;
    private Duration backoff = FIRST_BACKOFF;
    private long startedAt;
    private long housekeeper;
    private volatile int port;

    public EmbeddedPostgres(Vertx vertx, EmbeddedPostgresConfig config, PostgresArchive archive, MeterRegistry meters) {
        this.vertx = vertx;
        this.config = config;
        this.archive = archive;
        this.folder = new PostgresFolder(config);
        this.restarts = meters.counter("pganalytics.database.embedded.restarts");
        this.worker = vertx.createSharedWorkerExecutor("pganalytics-postgres", 2, 10, TimeUnit.MINUTES);
    }

    /** Completes when it takes connections as the role of the server; fails with STORE_DOWN, saying why. */
    public Future<Void> start() {
        return worker.<Void>executeBlocking(
                () -> {
                    open();
                    return null;
                },
                false);
    }

    /** Shuts it down in order and gives the folder free. */
    public Future<Void> stop() {
        return worker.<Void>executeBlocking(
                        () -> {
                            close();
                            return null;
                        },
                        false)
                .eventually(worker::close);
    }

    /** The port it listens on; it keeps it when it is started again. */
    public int port() {
        return port;
    }

    /** A libpq URI of its superuser, without the password. */
    public String databaseUrl() {
        return superuser("").url();
    }

    /** The superuser's password, in libpq's form, readable by the owner only. */
    public Path passfile() {
        return folder.superuserPassfile();
    }

    /** Where the server goes, as its own lesser role; blocking (reads its password's file). */
    public DatabaseAddress serverAddress() {
        return serverAddress(config, port);
    }

    /** The same of one that another process started and that listens there. */
    public static DatabaseAddress serverAddress(EmbeddedPostgresConfig config, int port) {
        return new DatabaseAddress(
                        "127.0.0.1",
                        port,
                        PostgresSetup.DATABASE,
                        PostgresFolder.SERVER_ROLE,
                        "",
                        SslMode.DISABLE,
                        null)
                .withPassfile(new PostgresFolder(config).serverPassfile());
    }

    private DatabaseAddress superuser(String password) {
        return new DatabaseAddress(
                "127.0.0.1", port, PostgresSetup.DATABASE, PostgresFolder.SUPERUSER, password, SslMode.DISABLE, null);
    }

    private synchronized void open() throws IOException {
        folder.lock();
        try {
            binaries = PostgresBinaries.unpacked(archive, folder.home());
            folder.prepare(binaries);
            launch();
            housekeeper = vertx.setPeriodic(HOUSEKEEPING.toMillis(), timer -> keepHouse());
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void launch() throws IOException {
        var running = Postmaster.find(folder);
        if (running.isPresent() && running.get().agreesWithPidFile()) {
            LOG.info(
                    "adopting the embedded PostgreSQL that is still running (pid {})",
                    running.get().pid());
            watch(running.get());
        } else {
            running.ifPresent(this::stopDisowned);
            folder.removeUselessPidFile();
            watch(Postmaster.start(folder, binaries));
        }
        try {
            port = postmaster.awaitReady(config.startTimeout());
            folder.rememberPort(port);
            new PostgresSetup(superuser(folder.superuserPassword())).run(folder.data(), folder.serverPassword());
        } catch (SQLException e) {
            throw Fault.STORE_DOWN.because("the embedded PostgreSQL refused its setup: " + e.getMessage(), e);
        }
        startedAt = System.nanoTime();
        supervised = true;
        LOG.info("embedded PostgreSQL {} ready on 127.0.0.1:{}, data in {}", binaries.version(), port, folder.data());
    }

    private void stopDisowned(Postmaster running) {
        LOG.warn("a postmaster (pid {}) runs on our folder without its pid file: stopping it first", running.pid());
        running.stop(config.stopTimeout());
    }

    private void watch(Postmaster started) {
        postmaster = started;
        started.onExit(() -> later(() -> onDeath(started)));
    }

    private synchronized void onDeath(Postmaster dead) {
        if (dead == postmaster && supervised) {
            LOG.warn("the embedded PostgreSQL (pid {}) died", dead.pid());
            if (System.nanoTime() - startedAt > STEADY.toNanos()) {
                backoff = FIRST_BACKOFF;
            }
            scheduleRestart();
        }
    }

    private void scheduleRestart() {
        supervised = false;
        LOG.warn("starting the embedded PostgreSQL again in {}", backoff);
        vertx.setTimer(backoff.toMillis(), timer -> later(this::restart));
        backoff = min(backoff.multipliedBy(2), config.restartBackoffMax());
    }

    private synchronized void restart() {
        if (stopping) {
            return;
        }
        restarts.increment();
        try {
            launch();
        } catch (IOException | RuntimeException e) {
            LOG.error("the embedded PostgreSQL does not start again: {}", e.getMessage());
            postmaster.stop(config.stopTimeout());
            scheduleRestart();
        }
    }

    private void later(Runnable step) {
        if (!stopping) {
            worker.executeBlocking(Executors.callable(step), false);
        }
    }

    private void keepHouse() {
        worker.executeBlocking(
                        () -> {
                            folder.capLog();
                            return null;
                        },
                        false)
                .onFailure(failure -> LOG.warn("the log of the embedded PostgreSQL was not moved aside", failure));
    }

    private synchronized void close() throws IOException {
        stopping = true;
        supervised = false;
        vertx.cancelTimer(housekeeper);
        if (postmaster != null) {
            postmaster.stop(config.stopTimeout());
        }
        folder.unlock();
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
