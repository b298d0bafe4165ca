package org.pganalytics.wire.v3;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.OptionalLong;

/** Times as version 3 collectors write them. */
final class PgTime {
    private static final int LENGTH_MAX = 40;
    private static final long SECONDS_MAX = Long.MAX_VALUE / 1_000_000;
    private static final DateTimeFormatter POSTGRES = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral(' ')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[XXXXX][X]")
            .toFormatter();

    private PgTime() {}

    /** µs since 1970 of a timestamptz as PostgreSQL prints it in the ISO style; empty when it is not one. */
    static OptionalLong micros(String text) {
        return text.length() > LENGTH_MAX || text.indexOf(' ') < 0 ? OptionalLong.empty() : micros(text, POSTGRES);
    }

    /** Seconds since 1970 of an RFC 3339 time; empty when it is not one. */
    static OptionalLong seconds(String text) {
        var micros = text.length() > LENGTH_MAX
                ? OptionalLong.empty()
                : micros(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        return micros.isEmpty() ? micros : OptionalLong.of(Math.floorDiv(micros.getAsLong(), 1_000_000L));
    }

    /** The same of a number of seconds; empty when they are none that a time in µs can tell. */
    static OptionalLong seconds(long number) {
        return number > -SECONDS_MAX && number < SECONDS_MAX ? OptionalLong.of(number) : OptionalLong.empty();
    }

    private static OptionalLong micros(String text, DateTimeFormatter form) {
        try {
            Instant time = OffsetDateTime.parse(text, form).toInstant();
            long micros = Math.multiplyExact(time.getEpochSecond(), 1_000_000L);
            return OptionalLong.of(Math.addExact(micros, time.getNano() / 1_000));
        } catch (DateTimeException | ArithmeticException notATime) {
            return OptionalLong.empty();
        }
    }
}
