package org.pganalytics.collector;

import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Whether a target can be connected to. After a failure it is left alone for a time that doubles up to 15 s, whatever
 * the number of families that wait: a server that starts, or is full, is not stormed. Lives on one event loop.
 */
final class Reach {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(15);

    private final BackOff backOff;
    private String why;
    private Throwable cause;
    private long notBeforeNanos;

    Reach(RandomGenerator random) {
        this.backOff = new BackOff(FIRST, LONGEST, random);
    }

    /** Why no connection is tried now; empty when one may be. */
    Optional<TargetAway> away(long nowNanos) {
        return why == null || nowNanos - notBeforeNanos >= 0
                ? Optional.empty()
                : Optional.of(new TargetAway(why, cause));
    }

    /** A connection came about. */
    void reached() {
        why = null;
        cause = null;
        backOff.reset();
    }

    /** @return what to tell: that the target is away, unless it is only this one database that cannot be had */
    Throwable failed(Throwable failure, boolean atMainDatabase, long nowNanos) {
        if (!atMainDatabase && !isOfTheServer(failure)) {
            return failure;
        }
        cause = failure;
        why = "no connection: " + FailureText.of(failure);
        notBeforeNanos = nowNanos + backOff.next(Duration.ZERO).toNanos();
        return new TargetAway(why, cause);
    }

    /** No answer, too many connections (53…), starting up or going down (57P…): the same for every database. */
    private static boolean isOfTheServer(Throwable failure) {
        return !(failure instanceof PgException refusal)
                || refusal.getSqlState() == null
                || refusal.getSqlState().startsWith("53")
                || refusal.getSqlState().startsWith("57P");
    }
}
