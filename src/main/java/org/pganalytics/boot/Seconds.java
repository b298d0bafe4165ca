package org.pganalytics.boot;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a duration given in seconds: {@code 10}, {@code 0.5} or {@code 10s}. */
final class Seconds implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        if (!text.matches("\\d{1,9}(\\.\\d{1,3})?s?")) {
            throw new TypeConversionException("'%s' is no number of seconds such as 10 or 0.5".formatted(text));
        }
        return Duration.ofMillis(Math.round(Double.parseDouble(text.replace("s", "")) * 1_000));
    }
}
