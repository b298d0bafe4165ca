package org.pganalytics.audit.report;

import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.pganalytics.fault.Fault;

/** @param from included @param to not included */
public record Period(Instant from, Instant to) {
    private static final Duration DEFAULT = Duration.ofDays(30);

    /** Fails with BAD_REQUEST. */
    public Period {
        if (!from.isBefore(to)) {
            throw Fault.BAD_REQUEST.because("'from' must be before 'to': it is %s, and that is %s".formatted(from, to));
        }
    }

    /** The 30 days before its end, which is now, where nothing else is said. */
    public static Period of(Optional<Instant> from, Optional<Instant> to, Instant now) {
        var end = to.orElse(now);
        return new Period(from.orElseGet(() -> end.minus(DEFAULT)), end);
    }

    Tuple bounds() {
        return Tuple.of(from.atOffset(ZoneOffset.UTC), to.atOffset(ZoneOffset.UTC));
    }
}
