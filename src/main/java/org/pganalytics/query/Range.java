package org.pganalytics.query;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.LongStream;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Call;

/** A time range, its end not included. */
record Range(Instant from, Instant to) {
    private static final Duration DEFAULT = Duration.ofHours(1);
    private static final Instant ORIGIN = Instant.parse("2000-01-01T00:00:00Z");

    /** The call's; without an end it ends now, without a begin it is an hour long. Fails with BAD_REQUEST. */
    static Range of(Call call, Instant now, Duration longest) {
        var to = call.time("to").orElseGet(() -> now.truncatedTo(ChronoUnit.MICROS));
        var from = call.time("from").orElseGet(() -> to.minus(DEFAULT));
        if (!from.isBefore(to)) {
            throw Fault.BAD_REQUEST.because("'from' = %s must be before 'to' = %s".formatted(from, to));
        }
        if (Duration.between(from, to).compareTo(longest) > 0) {
            throw Fault.BAD_REQUEST.because("from %s to %s is longer than a query may ask for, %s (query.range-max)"
                    .formatted(from, to, longest));
        }
        return new Range(from, to);
    }

    /**
     * The same, begun at the hour or the ten minutes before its begin where these are at most a hundredth of it, else at the
     * minute: nobody who asks about a day minds some minutes more, and up to {@code from} there are whole roll-ups.
     */
    Range fromABoundary() {
        long most = Math.max(60, Duration.between(from, to).toSeconds() / 100);
        long step = LongStream.of(3_600, 600, 60)
                .filter(one -> one <= most)
                .findFirst()
                .orElseThrow();
        return new Range(Instant.ofEpochSecond(Math.floorDiv(from.getEpochSecond(), step) * step), to);
    }

    boolean holds(Instant time) {
        return !time.isBefore(from) && time.isBefore(to);
    }

    /** The same, begun where the bucket of its begin does. Fails with BAD_REQUEST when it has more buckets than that. */
    Range inBuckets(Duration bucket, int most) {
        long length = bucket.toSeconds();
        long since = Duration.between(ORIGIN, from).toSeconds();
        // Before the origin toSeconds rounds down, as it does after it.
        var begin = ORIGIN.plusSeconds(Math.floorDiv(since, length) * length);
        long buckets = (Duration.between(begin, to).toSeconds() + length - 1) / length;
        if (buckets > most) {
            throw Fault.BAD_REQUEST.because(
                    "from %s to %s are %d buckets of %s, allowed are %d (query.buckets-max): ask for longer ones"
                            .formatted(from, to, buckets, bucket, most));
        }
        return new Range(begin, to);
    }
}
