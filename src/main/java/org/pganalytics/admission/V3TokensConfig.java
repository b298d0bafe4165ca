package org.pganalytics.admission;

import java.time.Duration;
import java.util.Optional;
import org.pganalytics.fault.Limit;

/**
 * Tokens of version 3 collectors.
 *
 * @param legacyTokenSecret the secret that their old backend signed tokens with (HS256), 8 to 4,096 characters; empty: none
 *     of its tokens is taken
 * @param refreshWithin how long after its expiry a token of theirs is still taken and can be refreshed, 0 to 365 d; default
 *     90 d
 */
public record V3TokensConfig(Optional<String> legacyTokenSecret, Duration refreshWithin) {
    static final int SECRET_LENGTH_MIN = 8;
    static final int SECRET_LENGTH_MAX = 4_096;

    public V3TokensConfig {
        legacyTokenSecret.ifPresent(secret -> {
            if (secret.length() < SECRET_LENGTH_MIN || secret.length() > SECRET_LENGTH_MAX) {
                throw new IllegalArgumentException(
                        "v3.legacy-token-secret of %d characters must be between %d and %d long"
                                .formatted(secret.length(), SECRET_LENGTH_MIN, SECRET_LENGTH_MAX));
            }
        });
        Limit.between("v3.refresh-within", refreshWithin, Duration.ZERO, Duration.ofDays(365));
    }

    public static V3TokensConfig defaults() {
        return new V3TokensConfig(Optional.empty(), Duration.ofDays(90));
    }

    /** Says whether there is a secret, never which. */
    @Override
    public String toString() {
        return "V3TokensConfig[legacyTokenSecret=%s, refreshWithin=%s]"
                .formatted(legacyTokenSecret.isPresent() ? "set" : "none", refreshWithin);
    }
}
