package org.pganalytics.http;

import java.time.DateTimeException;
import java.time.OffsetDateTime;

/** A time as the API reads it: RFC 3339, of the years 1 to 9999, all of which PostgreSQL can hold. */
public final class Moment {
    private Moment() {}

    /** Throws a DateTimeException when it is none. */
    public static OffsetDateTime parse(String text) {
        var time = OffsetDateTime.parse(text);
        if (time.getYear() < 1 || time.getYear() > 9_999) {
            throw new DateTimeException("RFC 3339 has years of four digits");
        }
        return time;
    }
}
