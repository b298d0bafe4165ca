package org.pganalytics.audit.chain;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.pganalytics.audit.AuditRecord;

/** Proves the events of this process, each by itself, so that no transaction waits for another. Thread-safe. */
public final class Prover {
    private final Optional<AuditKeys> keys;
    private final SecureRandom random;
    private final UUID writer = UUID.randomUUID();
    private final AtomicLong number = new AtomicLong();

    /** @param keys empty: events are written without proof */
    public Prover(Optional<AuditKeys> keys, SecureRandom random) {
        this.keys = keys;
        this.random = random;
    }

    /** @param first when it happened */
    ProvenEvent prove(Instant first, AuditRecord what, String details) {
        var time = first.truncatedTo(ChronoUnit.MICROS);
        if (keys.isEmpty()) {
            return new ProvenEvent(
                    time,
                    new Committed(what.actor(), null, null),
                    what.action(),
                    new Committed(what.target(), null, null),
                    what.outcome(),
                    new Committed(what.address(), null, null),
                    details,
                    null,
                    0,
                    null,
                    null);
        }
        var event = new ProvenEvent(
                time,
                salted(what.actor()),
                what.action(),
                salted(what.target()),
                what.outcome(),
                salted(what.address()),
                details,
                writer,
                number.incrementAndGet(),
                keys.get().hmacId(),
                null);
        return event.with(keys.get().hmac(event.canonical()));
    }

    private Committed salted(String text) {
        var salt = new byte[Committed.SALT_BYTES];
        random.nextBytes(salt);
        return new Committed(text, salt, null);
    }
}
