package org.pganalytics.admission;

import java.time.Duration;
import java.util.UUID;

/** What a new collector is given; the secrets in it are shown once. @param lifetime of the token, from now */
public record Registration(UUID collector, String token, String refreshSecret, Duration lifetime) {
    @Override
    public String toString() {
        return "Registration[collector=%s, lifetime=%s]".formatted(collector, lifetime);
    }
}
