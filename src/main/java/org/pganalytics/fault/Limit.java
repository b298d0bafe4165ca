package org.pganalytics.fault;

import java.time.Duration;

/** Refuses a setting that is empty or outside its range, by its name. */
public final class Limit {
    private Limit() {}

    public static void between(String setting, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("%s = %d must be between %d and %d".formatted(setting, value, min, max));
        }
    }

    /** What is not a number is outside every range. */
    public static void between(String setting, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException("%s = %s must be between %s and %s".formatted(setting, value, min, max));
        }
    }

    public static void between(String setting, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException("%s = %s must be between %s and %s"
                    .formatted(setting, Span.text(value), Span.text(min), Span.text(max)));
        }
    }

    /** An address or a name of this machine. */
    public static void listening(String setting, String host) {
        if (!HostName.isPossible(host)) {
            throw new IllegalArgumentException(
                    ("%s = '%s' must be an address of this machine such as 127.0.0.1 or ::1 (0.0.0.0"
                                    + " or :: for all of them), or a name of it; the port has a key of its own")
                            .formatted(setting, host));
        }
    }

    public static void filled(String setting, String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("%s must not be empty".formatted(setting));
        }
    }
}
