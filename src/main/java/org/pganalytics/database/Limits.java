package org.pganalytics.database;

import java.time.Duration;

/** Refuses what is out of range, by the name of its setting. */
final class Limits {
    private Limits() {}

    static void between(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("%s = %d must be between %d and %d".formatted(name, value, min, max));
        }
    }

    static void between(String name, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException("%s = %s must be between %s and %s".formatted(name, value, min, max));
        }
    }
}
