package org.pganalytics.storage.rollup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.RollUp.Level;
import org.pganalytics.storage.rollup.Spans.Span;

/** Portions are as large as they are quick, and whoever had no turn begins the next time. */
class RollUpPaceTest {
    private static final RolledFamily A = new RolledFamily("a", List.of(), Duration.ofMinutes(15), 1, Instant.MIN);
    private static final RolledFamily B = new RolledFamily("b", List.of(), Duration.ofMinutes(15), 1, Instant.MIN);

    private final AtomicLong nanos = new AtomicLong();
    private final RollUpPace pace = new RollUpPace(nanos::get, Duration.ofMinutes(10));

    private Duration portion(int targets, long millis) {
        long began = pace.now();
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
        return pace.took(A, Level.MINUTE, targets, began, 0.25);
    }

    @Test
    void aSlowPortionIsFollowedByASmallerOneAndAQuickOneByALarger() {
        assertEquals(50, pace.targets(A, Level.MINUTE, 50));
        assertEquals(Duration.ofSeconds(9), portion(50, 3_000), "a quarter of the time");
        assertEquals(25, pace.targets(A, Level.MINUTE, 50));
        portion(25, 1_000);
        assertEquals(25, pace.targets(A, Level.MINUTE, 50));
        portion(25, 100);
        assertEquals(50, pace.targets(A, Level.MINUTE, 50));
        portion(1, 100_000);
        assertEquals(1, pace.targets(A, Level.MINUTE, 50));
        assertEquals(50, pace.targets(A, Level.HOUR, 50));
        assertEquals(50, pace.targets(B, Level.MINUTE, 50));
    }

    @Test
    void aRunEndsAfterAWhileAndTheNextGoesOn() {
        assertEquals(List.of(A, B), pace.order(List.of(A, B)));
        assertFalse(pace.isOver(A));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertTrue(pace.isOver(B));
        assertEquals(List.of(B, A), pace.order(List.of(A, B)));
        assertEquals(List.of(A, B), pace.order(List.of(A, B)));
    }

    @Test
    void aRunEndsLongBeforeItWouldCostTheLead() {
        var hasty = new RollUpPace(nanos::get, Duration.ofSeconds(20));
        hasty.order(List.of(A, B));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(9));
        assertFalse(hasty.isOver(A));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertTrue(hasty.isOver(A));
    }

    /** Else one that never comes to its end would have every run. */
    @Test
    void whoseTurnTookTheRunIsLastInTheNext() {
        assertEquals(List.of(A, B), pace.order(List.of(A, B)));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertTrue(pace.isOver(A, Level.MINUTE));
        assertTrue(pace.isOver(B));
        assertEquals(List.of(B, A), pace.order(List.of(A, B)));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertTrue(pace.isOver(B, Level.HOUR));
        assertEquals(List.of(A, B), pace.order(List.of(A, B)));
    }

    @Test
    void hoursThatARunDidNotComeToAreFirstOnce() {
        pace.order(List.of(A, B));
        assertEquals(List.of(Level.MINUTE, Level.HOUR), pace.levels(A));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertTrue(pace.isOver(A, Level.MINUTE));
        assertEquals(List.of(Level.HOUR, Level.MINUTE), pace.levels(A));
        assertEquals(List.of(Level.MINUTE, Level.HOUR), pace.levels(A));
        assertEquals(List.of(Level.MINUTE, Level.HOUR), pace.levels(B));
    }

    @Test
    void minutesNoLongerKeptAreWidenedToTheirHoursAndThoseThatFollow() {
        var spans = new Spans(
                Level.MINUTE,
                List.of(new Span(1, 70, 71), new Span(1, 130, 131), new Span(1, 600, 605), new Span(2, 500, 501)));
        var kept = Instant.ofEpochSecond(400 * 60);
        assertEquals(
                List.of(new Span(1, 60, 180), new Span(1, 600, 605), new Span(2, 500, 501)),
                spans.wholeHoursBefore(kept, Duration.ofMinutes(15)).all());
        assertEquals(spans, spans.wholeHoursBefore(Instant.EPOCH, Duration.ofMinutes(15)));
    }
}
