package org.pganalytics.boot;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of the process by a signal: what is open is closed, and nobody is told of what fails because of it. */
final class Ending {
    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

    /** What Java says to who registers something for the end when the end has come. */
    private static final String SHUTTING_DOWN = "Shutdown in progress";

    private volatile boolean begun;

    /** @param close runs at the process's end, whatever ends it, on a thread of its own */
    void closes(Runnable close) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(close), "shutdown"));
    }

    private void end(Runnable close) {
        begun = true;
        try {
            close.run();
        } catch (RuntimeException failure) {
            LOG.error("not everything could be closed", failure);
        }
    }

    boolean hasBegun() {
        return begun;
    }

    /** Does work that the end may break off. When that makes it fail, nobody need be told: the process just ends. */
    <T> T orEnd(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException failure) {
            if (!begun && !SHUTTING_DOWN.equals(failure.getMessage())) {
                throw failure;
            }
            new Semaphore(0).acquireUninterruptibly();
            throw failure;
        }
    }

    void orEnd(Runnable work) {
        orEnd(() -> {
            work.run();
            return true;
        });
    }
}
