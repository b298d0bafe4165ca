package org.pganalytics.fault;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** A duration as configuration files write it: {@code 250ms}, {@code 90s}, {@code 10m}, {@code 2d}. */
public final class Span {
    private static final Map<String, Long> MILLIS = new LinkedHashMap<>();

    static {
        MILLIS.put("d", 86_400_000L);
        MILLIS.put("h", 3_600_000L);
        MILLIS.put("m", 60_000L);
        MILLIS.put("s", 1_000L);
    }

    private Span() {}

    /** In the largest unit that leaves no rest; cut to milliseconds. */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        return MILLIS.entrySet().stream()
                .filter(unit -> millis != 0 && millis % unit.getValue() == 0)
                .findFirst()
                .map(unit -> millis / unit.getValue() + unit.getKey())
                .orElse(millis == 0 ? "0s" : millis + "ms");
    }
}
