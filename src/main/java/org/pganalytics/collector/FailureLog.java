package org.pganalytics.collector;

import java.time.Duration;
import java.util.function.Consumer;

/** Tells of a target's passing failures at most one line a minute: the first at once, then how many more there were. */
final class FailureLog {
    private static final long EVERY_NANOS = Duration.ofMinutes(1).toNanos();

    private final Consumer<String> lines;
    private boolean said;
    private long saidAtNanos;
    private int more;
    private String latest = "";

    /** @param lines where they go */
    FailureLog(Consumer<String> lines) {
        this.lines = lines;
    }

    void failed(String message, long nowNanos) {
        look(nowNanos);
        if (said && nowNanos - saidAtNanos < EVERY_NANOS) {
            more++;
            latest = message;
        } else {
            say(message, nowNanos);
        }
    }

    /** To be called now and then, so that what was only counted is told, too. */
    void look(long nowNanos) {
        if (more > 0 && nowNanos - saidAtNanos >= EVERY_NANOS) {
            say(more == 1 ? latest : "%d more failures, the latest: %s".formatted(more, latest), nowNanos);
            more = 0;
        }
    }

    private void say(String line, long nowNanos) {
        said = true;
        saidAtNanos = nowNanos;
        lines.accept(line);
    }
}
