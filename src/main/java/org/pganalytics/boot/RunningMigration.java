package org.pganalytics.boot;

import io.vertx.core.Future;
import java.time.Duration;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.schema.Migrator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A migration in this process; what it opens is closed once, when it is done or when a signal ends the process. */
final class RunningMigration {
    private static final Logger LOG = LoggerFactory.getLogger(RunningMigration.class);
    private static final Duration LIMIT = Duration.ofMinutes(30);
    private static final Duration CLOSING_MAX = Duration.ofMinutes(1);

    /** What is kept of the limit for closing, should the migration not come to an end. */
    private static final Duration CLOSING_MIN = Duration.ofSeconds(5);

    private final Ending ending = new Ending();
    private final Duration endWithin;
    private final Foundation foundation;
    private Future<Migrator.Outcome> opening = Future.failedFuture("not begun");
    private boolean closed;

    RunningMigration(ServerConfig config) {
        this.endWithin = config.shutdownWithin();
        this.foundation = Foundation.of(config).besideServer();
    }

    /** Waits for its end. Does not return when a signal ends the process meanwhile. */
    Migrator.Outcome run() {
        return ending.orEnd(this::openAndClose);
    }

    /** To be asked once it has run. */
    String tier() {
        return foundation.tier().toString();
    }

    private Migrator.Outcome openAndClose() {
        ending.closes(this::close);
        try {
            return Await.result(open(), LIMIT, "the migration");
        } finally {
            close();
        }
    }

    private synchronized Future<Migrator.Outcome> open() {
        if (!closed) {
            opening = foundation.open();
        }
        return opening;
    }

    /** A migration under way is let come to its end: a database server that is about to start could not be stopped. */
    private synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        Await.ended(opening, endWithin.minus(CLOSING_MIN));
        if (ending.hasBegun()) {
            LOG.info(opening.succeeded() ? "stopped, the migration is done" : "stopped before the migration was done");
        }
        Await.result(foundation.close(), CLOSING_MAX, "closing");
        Await.result(foundation.closeEventLoops(), CLOSING_MAX, "closing the event loops");
    }
}
