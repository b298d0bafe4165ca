package org.pganalytics.admission;

import java.time.Duration;
import java.util.UUID;

/** A renewed token and the refresh secret for the next time. @param lifetime of the token, from now */
public record TokenGrant(UUID collector, String token, String refreshSecret, Duration lifetime) {
    @Override
    public String toString() {
        return "TokenGrant[collector=%s, lifetime=%s]".formatted(collector, lifetime);
    }
}
