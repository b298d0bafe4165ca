package org.pganalytics.collector;

import java.time.Duration;

/** Refuses settings out of range, by name. */
final class Limit {
    private Limit() {}

    static void between(String key, long found, long min, long max) {
        if (found < min || found > max) {
            throw new IllegalArgumentException("%s = %d must be between %d and %d".formatted(key, found, min, max));
        }
    }

    static void between(String key, Duration found, Duration min, Duration max) {
        if (found.compareTo(min) < 0 || found.compareTo(max) > 0) {
            throw new IllegalArgumentException("%s = %s must be between %s and %s".formatted(key, found, min, max));
        }
    }

    static void filled(String key, String found) {
        if (found == null || found.isBlank()) {
            throw new IllegalArgumentException("%s must not be empty".formatted(key));
        }
    }
}
