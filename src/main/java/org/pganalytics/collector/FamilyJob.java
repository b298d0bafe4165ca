package org.pganalytics.collector;

import java.time.Duration;
import java.util.Optional;
import org.pganalytics.model.MetricFamily;

/** When a family is collected at a target next, and how it went the last time. */
final class FamilyJob {
    private static final Duration RETRY_FIRST = Duration.ofSeconds(10);
    private static final Duration AFTER_FAILURES_MAX = Duration.ofMinutes(10);
    /** How often it is tried whether a person has granted or installed what is missing. */
    static final Duration LASTING_RETRY = Duration.ofMinutes(15);

    private final MetricFamily family;
    private Duration declared;
    private final Phase phase;
    private final Pace pace;
    private long dueAtNanos;
    private boolean running;
    private int failures;
    private Condition condition;
    private long skipped;

    /** @param interval before {@code pace} stretches it; @param phase where in it, but for the first reading */
    FamilyJob(MetricFamily family, Duration interval, Phase phase, Pace pace, long firstDueAtNanos) {
        this.family = family;
        this.declared = interval;
        this.phase = phase;
        this.pace = pace;
        this.dueAtNanos = firstDueAtNanos;
    }

    MetricFamily family() {
        return family;
    }

    /** Whether to start it now; a tick that finds it still running is skipped and counted. */
    boolean start(long nowNanos) {
        if (nowNanos - dueAtNanos < 0) {
            return false;
        }
        dueAtNanos = phase.next(nowNanos, interval().toNanos());
        if (running) {
            skipped++;
            return false;
        }
        running = true;
        return true;
    }

    /** Takes another interval; what was due later than it asks for comes sooner. */
    void follow(Duration interval, long nowNanos) {
        if (!interval.equals(declared)) {
            declared = interval;
            dueAtNanos = Math.min(
                            dueAtNanos - nowNanos,
                            phase.next(nowNanos, interval().toNanos()) - nowNanos)
                    + nowNanos;
        }
    }

    /** @param found all is well, or not in some databases: the interval holds. @return whether it is news */
    boolean succeeded(Condition found) {
        running = false;
        failures = 0;
        boolean news = !found.equals(condition);
        condition = found;
        return news;
    }

    /** Notes a failure and waits longer with each. @return whether it is news */
    boolean failed(Condition found, long nowNanos) {
        running = false;
        boolean news = !found.equals(condition);
        condition = found;
        dueAtNanos = again(found, nowNanos);
        return news;
    }

    /** What failed is tried again soon, however long its interval is, and after each failure later. */
    private long again(Condition found, long nowNanos) {
        long interval = interval().toNanos();
        long soon = Math.min(interval, RETRY_FIRST.toNanos());
        if (found.state() == Condition.State.AWAY) {
            return Math.min(dueAtNanos, nowNanos + soon);
        }
        failures = Math.min(failures + 1, 16);
        return nowNanos
                + (found.lasts()
                        ? LASTING_RETRY.toNanos()
                        : Math.min(AFTER_FAILURES_MAX.toNanos(), soon << Math.min(failures - 1, 10)));
    }

    /** What only a person's act could change may have changed: it is tried now. */
    void tryAgain(long nowNanos) {
        if (condition != null && condition.lasts()) {
            dueAtNanos = nowNanos;
        }
    }

    /** Between two readings, as things are. */
    Duration interval() {
        return pace.stretched(declared);
    }

    /** How it went the last time; empty before the first. */
    Optional<Condition> condition() {
        return Optional.ofNullable(condition);
    }

    /** There is nothing to say of it, or not yet. */
    boolean isWell() {
        return condition == null || condition.equals(Condition.OK);
    }

    long skipped() {
        return skipped;
    }
}
