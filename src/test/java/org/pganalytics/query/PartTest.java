package org.pganalytics.query;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.RollUp.Level;

/** A range is read from the longest roll-ups that hold it, and from the rows where none does. */
class PartTest {
    private static final Instant NOW = Instant.parse("2026-05-10T12:00:30Z");
    private static final List<Level> BOTH = List.of(Level.HOUR, Level.MINUTE);
    private static final List<Level> ALL = List.of(Level.HOUR, Level.TEN, Level.MINUTE);

    private static Instant at(String time) {
        return Instant.parse("2026-05-" + time + "Z");
    }

    private static List<Part> cut(Instant from, Instant to, List<Level> levels, Instant minutes, Instant hours) {
        return cut(from, to, levels, minutes, minutes, hours);
    }

    private static List<Part> cut(
            Instant from, Instant to, List<Level> levels, Instant minutes, Instant tens, Instant hours) {
        return Part.cut(
                new Range(from, to),
                levels,
                new Part.Settled(
                        new Range(NOW.minus(Duration.ofDays(31)), minutes),
                        new Range(NOW.minus(Duration.ofDays(31)), tens),
                        new Range(NOW.minus(Duration.ofDays(400)), minutes.isBefore(hours) ? minutes : hours)));
    }

    private static Part part(Level level, Instant from, Instant to) {
        return new Part(Optional.ofNullable(level), new Range(from, to));
    }

    @Test
    void wholeHoursThenMinutesThenRows() {
        assertEquals(
                List.of(
                        part(null, at("10T07:58:30"), at("10T07:59:00")),
                        part(Level.MINUTE, at("10T07:59:00"), at("10T08:00:00")),
                        part(Level.HOUR, at("10T08:00:00"), at("10T10:00:00")),
                        part(Level.MINUTE, at("10T10:00:00"), at("10T11:57:00")),
                        part(null, at("10T11:57:00"), at("10T12:00:10"))),
                cut(at("10T07:58:30"), at("10T12:00:10"), BOTH, at("10T11:57:00"), at("10T10:00:00")));
    }

    @Test
    void tensOfMinutesAreReadAtTheEndsOfWholeHours() {
        assertEquals(
                List.of(
                        part(Level.TEN, at("10T07:40:00"), at("10T08:00:00")),
                        part(Level.HOUR, at("10T08:00:00"), at("10T10:00:00")),
                        part(Level.TEN, at("10T10:00:00"), at("10T11:50:00")),
                        part(Level.MINUTE, at("10T11:50:00"), at("10T11:57:00")),
                        part(null, at("10T11:57:00"), at("10T12:00:10"))),
                cut(at("10T07:40:00"), at("10T12:00:10"), ALL, at("10T11:57:00"), at("10T10:00:00")));
    }

    @Test
    void tensThatAreNotMadeYetAreReadFromTheirMinutes() {
        assertEquals(
                List.of(
                        part(Level.HOUR, at("10T08:00:00"), at("10T10:00:00")),
                        part(Level.TEN, at("10T10:00:00"), at("10T10:20:00")),
                        part(Level.MINUTE, at("10T10:20:00"), at("10T11:57:00")),
                        part(null, at("10T11:57:00"), at("10T12:00:10"))),
                cut(
                        at("10T08:00:00"),
                        at("10T12:00:10"),
                        ALL,
                        at("10T11:57:00"),
                        at("10T10:20:00"),
                        at("10T10:00:00")));
    }

    @Test
    void whatIsChangedLongAgoIsReadFromTheRowsFromThereOn() {
        assertEquals(
                List.of(
                        part(Level.HOUR, at("10T08:00:00"), at("10T09:00:00")),
                        part(Level.MINUTE, at("10T09:00:00"), at("10T09:20:00")),
                        part(null, at("10T09:20:00"), at("10T12:00:00"))),
                cut(at("10T08:00:00"), at("10T12:00:00"), BOTH, at("10T09:20:00"), Instant.MAX));
        assertEquals(
                List.of(part(null, at("10T08:00:00"), at("10T12:00:00"))),
                cut(at("10T08:00:00"), at("10T12:00:00"), BOTH, at("01T00:00:00"), Instant.MAX));
    }

    @Test
    void minutesThatAreNoLongerKeptAreReadFromHoursOrRows() {
        var old = NOW.minus(Duration.ofDays(31)).minusSeconds(1_830);
        assertEquals(
                List.of(
                        part(null, old, old.plusSeconds(1_860)),
                        part(Level.MINUTE, old.plusSeconds(1_860), old.plusSeconds(2_400))),
                cut(old, old.plusSeconds(2_400), List.of(Level.MINUTE), Instant.MAX, Instant.MAX));
        var hour = Instant.parse("2025-07-01T00:00:00Z");
        assertEquals(
                List.of(part(Level.HOUR, hour, hour.plusSeconds(7_200))),
                cut(hour, hour.plusSeconds(7_200), BOTH, Instant.MAX, Instant.MAX));
    }

    @Test
    void bucketsThatNoRollUpFitsAreReadFromTheRows() {
        assertEquals(
                List.of(part(null, at("10T08:00:00"), at("10T12:00:00"))),
                cut(at("10T08:00:00"), at("10T12:00:00"), List.of(), Instant.MAX, Instant.MAX));
    }
}
