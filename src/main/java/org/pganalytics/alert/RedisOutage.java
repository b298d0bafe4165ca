package org.pganalytics.alert;

import java.time.Instant;
import java.util.Optional;
import org.pganalytics.bus.Event;

/** Whether Redis is away, and what of it has still to be written. For one event loop. */
final class RedisOutage {
    private final String server;
    private Optional<Observation> observed = Optional.empty();
    private boolean isAway;
    private boolean isCleared;

    RedisOutage(String server) {
        this.server = server;
    }

    void changed(Event.RedisStateChanged event, Instant now) {
        boolean begins = !event.up() && !isAway;
        isAway = !event.up();
        isCleared = false;
        if (begins) {
            var message = "server %s: Redis is away, collectors' limits are kept by each server for its part: %s"
                    .formatted(server, event.detail());
            observed = Optional.of(new Observation(Rule.REDIS_AWAY, server, message, now, now));
        }
    }

    /** What is to be written, each time anew while it lasts; an outage that is over is written once, too. */
    Optional<Observation> observed(Instant now) {
        var seen = observed;
        observed = isAway
                ? seen.map(was -> new Observation(was.rule(), was.subject(), was.message(), was.first(), now))
                : Optional.empty();
        return isAway ? observed : seen;
    }

    /** Whether an open alert is to be cleared. */
    boolean isOver() {
        return !isAway && !isCleared;
    }

    void cleared() {
        isCleared = true;
    }
}
