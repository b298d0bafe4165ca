package org.pganalytics.storage.rollup;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pganalytics.model.RollUp.Level;

/** Whose roll-ups of which time are made anew: for each target, times that do not overlap. */
record Spans(Level level, List<Span> all) {
    /** @param began the first, and {@code ended} the first after them; minutes or hours since 1970 */
    record Span(int target, int began, int ended) {}

    Spans {
        all = List.copyOf(all);
    }

    static Spans of(Level level, RowSet<Row> rows) {
        var spans = new ArrayList<Span>();
        rows.forEach(row ->
                spans.add(new Span(row.getInteger("target_id"), row.getInteger("began"), row.getInteger("ended"))));
        return new Spans(level, spans);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /**
     * Minutes, with all of the hours of those that are no longer kept, and of their successors: such an hour is made of
     * minutes that are all made anew, or it would be made of the few that changed.
     *
     * @param kept since when minutes are kept
     */
    Spans wholeHoursBefore(Instant kept, Duration lookBack) {
        long first = kept.getEpochSecond() / 60;
        if (all.stream().noneMatch(span -> span.began() < first)) {
            return this;
        }
        int beyond = Math.toIntExact(lookBack.toMinutes());
        var widened = all.stream()
                .map(span -> span.began() < first
                        ? new Span(span.target(), span.began() / 60 * 60, (span.ended() + beyond + 59) / 60 * 60)
                        : span)
                .sorted(Comparator.comparingInt(Span::target).thenComparingInt(Span::began))
                .toList();
        var merged = new ArrayList<Span>();
        for (var span : widened) {
            var before = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (before != null && before.target() == span.target() && before.ended() >= span.began()) {
                merged.set(
                        merged.size() - 1,
                        new Span(span.target(), before.began(), Math.max(before.ended(), span.ended())));
            } else {
                merged.add(span);
            }
        }
        return new Spans(level, merged);
    }

    Set<Integer> targets() {
        var targets = new LinkedHashSet<Integer>();
        all.forEach(span -> targets.add(span.target()));
        return targets;
    }

    /** Moments of each day that they touch. */
    Set<Instant> days() {
        var days = new LinkedHashSet<Instant>();
        long secondsADay = Duration.ofDays(1).toSeconds();
        for (var span : all) {
            long first = Math.floorDiv(time(span.began()).getEpochSecond(), secondsADay);
            long last = Math.floorDiv(time(span.ended() - 1).getEpochSecond(), secondsADay);
            for (long day = first; day <= last; day++) {
                days.add(Instant.ofEpochSecond(day * secondsADay));
            }
        }
        return days;
    }

    /**
     * As {@code $1} to {@code $5}: targets, begins, ends, the first begin less some time, the last end.
     *
     * @param lookBack by how much earlier the bounds begin
     */
    Tuple bind(Duration lookBack) {
        var first = all.stream().mapToInt(Span::began).min().orElseThrow();
        var last = all.stream().mapToInt(Span::ended).max().orElseThrow();
        return bindSpans().addOffsetDateTime(utc(time(first).minus(lookBack))).addOffsetDateTime(utc(time(last)));
    }

    private Tuple bindSpans() {
        return Tuple.tuple()
                .addArrayOfInteger(all.stream().map(Span::target).toArray(Integer[]::new))
                .addArrayOfOffsetDateTime(
                        all.stream().map(span -> utc(time(span.began()))).toArray(OffsetDateTime[]::new))
                .addArrayOfOffsetDateTime(
                        all.stream().map(span -> utc(time(span.ended()))).toArray(OffsetDateTime[]::new));
    }

    private Instant time(int number) {
        return Instant.ofEpochSecond(number * level.length().toSeconds());
    }

    private static OffsetDateTime utc(Instant time) {
        return OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
    }
}
