package org.pganalytics.admission;

import java.time.Duration;
import java.util.UUID;

/**
 * A renewed token.
 *
 * @param refreshSecret for the next time; null when the token itself renews
 * @param lifetime of the token, from now
 */
public record TokenGrant(UUID collector, String token, String refreshSecret, Duration lifetime) {
    @Override
    public String toString() {
        return "TokenGrant[collector=%s, lifetime=%s]".formatted(collector, lifetime);
    }
}
