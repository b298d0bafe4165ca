package org.pganalytics.query;

import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.pganalytics.http.Moment;

/**
 * Where a page ended: the time and the hash of its last row, and how many rows with both have been given out.
 *
 * @param given rows that look the same may stand there more than once
 */
record Place(Range range, Instant time, long hash, int given) {
    static final int FIELDS = 5;

    /**
     * Reads the fields of a cursor, which anybody can write; throws when they are not of this call.
     *
     * @param range the call's when it begins at that moment; within its limits, or it throws
     */
    static Place of(List<String> fields, Function<Instant, Range> range) {
        var to = Moment.parse(fields.get(1)).toInstant();
        var place = new Place(
                range.apply(to),
                Moment.parse(fields.get(2)).toInstant(),
                Long.parseLong(fields.get(3)),
                Integer.parseInt(fields.get(4)));
        if (!place.fields().equals(fields) || !place.range.holds(place.time) || place.given < 1) {
            throw new IllegalArgumentException("the place is not one of this call");
        }
        return place;
    }

    List<String> fields() {
        return List.of(
                range.from().toString(),
                range.to().toString(),
                time.toString(),
                Long.toString(hash),
                Integer.toString(given));
    }

    /** The place of the row that follows this one in the order of the query; the first of all has no place before it. */
    static Place after(Place before, Range range, Row row) {
        var time = time(row);
        long hash = row.getLong(":hash");
        boolean same = before != null && before.time.equals(time) && before.hash == hash;
        return new Place(range, time, hash, same ? before.given + 1 : 1);
    }

    static Instant time(Row row) {
        return row.getOffsetDateTime(":time").toInstant();
    }
}
