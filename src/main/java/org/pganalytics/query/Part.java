package org.pganalytics.query;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.pganalytics.model.RollUp.Level;

/**
 * A part of a time range that is read from one place.
 *
 * @param level the roll-ups; empty for the rows themselves
 */
record Part(Optional<Level> level, Range range) {
    /** From when on roll-ups are there, and until when they are as the rows are: by the minute, ten minutes, the hour. */
    record Settled(Range minutes, Range tens, Range hours) {
        Range of(Level level) {
            return switch (level) {
                case MINUTE -> minutes;
                case TEN -> tens;
                case HOUR -> hours;
            };
        }
    }

    /**
     * Cuts a range into as few parts as can be, each from the longest roll-ups that hold it.
     *
     * @param levels that may be read, the longest first; what is of none of them is read from the rows
     */
    static List<Part> cut(Range range, List<Level> levels, Settled settled) {
        var held = levels.stream()
                .map(level -> held(range, level, settled.of(level)))
                .toList();
        var cuts = new TreeSet<>(List.of(range.from(), range.to()));
        held.stream()
                .filter(one -> one.from().isBefore(one.to()))
                .forEach(one -> cuts.addAll(List.of(one.from(), one.to())));
        var parts = new ArrayList<Part>();
        for (var from : cuts.headSet(range.to())) {
            var to = cuts.higher(from);
            var level = Stream.iterate(0, i -> i < levels.size(), i -> i + 1)
                    .filter(i -> held.get(i).holds(from))
                    .map(levels::get)
                    .findFirst();
            add(parts, new Part(level, new Range(from, to)));
        }
        return List.copyOf(parts);
    }

    private static void add(List<Part> parts, Part next) {
        var last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
        if (last != null && last.level().equals(next.level())) {
            parts.set(
                    parts.size() - 1,
                    new Part(
                            next.level(),
                            new Range(last.range().from(), next.range().to())));
        } else {
            parts.add(next);
        }
    }

    /** Whole minutes, tens of them or hours of the range only. May end before it begins: then none. */
    private static Range held(Range range, Level level, Range good) {
        var from = range.from().isAfter(good.from()) ? range.from() : good.from();
        var to = range.to().isBefore(good.to()) ? range.to() : good.to();
        return new Range(up(from, level.length()), down(to, level.length()));
    }

    private static Instant down(Instant time, Duration length) {
        return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), length.toSeconds()) * length.toSeconds());
    }

    private static Instant up(Instant time, Duration length) {
        var down = down(time, length);
        return down.equals(time) ? time : down.plus(length);
    }

    static JsonArray json(List<Part> parts) {
        var array = new JsonArray();
        parts.forEach(part -> array.add(new JsonObject()
                .put("from", part.range().from().toString())
                .put("to", part.range().to().toString())
                .put("of", part.level().map(Part::word).orElse("rows"))));
        return array;
    }

    private static String word(Level level) {
        return switch (level) {
            case MINUTE -> "minutes";
            case TEN -> "ten_minutes";
            case HOUR -> "hours";
        };
    }
}
