package org.pganalytics.storage.rollup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.RollUp.Level;
import org.pganalytics.storage.rollup.Spans.Span;

/** Portions are as large as they are quick, and whoever had no turn begins the next time. */
class RollUpPaceTest {
    private static final RolledFamily A =
            new RolledFamily("a", List.of(), Duration.ofMinutes(15), 1, Instant.MIN, true);
    private static final RolledFamily B =
            new RolledFamily("b", List.of(), Duration.ofMinutes(15), 1, Instant.MIN, true);

    private final AtomicLong nanos = new AtomicLong();
    private final RollUpPace pace = new RollUpPace(nanos::get, Duration.ofMinutes(10));

    private Duration portion(int targets, long millis) {
        long began = pace.now();
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
        return pace.took(A, Level.MINUTE, targets, began, 0.25);
    }

    @Test
    void aSlowPortionIsFollowedByASmallerOneAndAQuickOneByALarger() {
        assertEquals(4, pace.targets(A, Level.MINUTE, 50), "nobody knows yet");
        portion(25, 100);
        assertEquals(50, pace.targets(A, Level.MINUTE, 50));
        assertEquals(Duration.ofSeconds(9), portion(50, 3_000), "a quarter of the time");
        assertEquals(Duration.ofSeconds(60), portion(50, 100_000), "no longer than a run");
        assertEquals(25, pace.targets(A, Level.MINUTE, 50));
        portion(25, 1_000);
        assertEquals(25, pace.targets(A, Level.MINUTE, 50));
        portion(25, 100);
        assertEquals(50, pace.targets(A, Level.MINUTE, 50));
        portion(1, 100_000);
        assertEquals(1, pace.targets(A, Level.MINUTE, 50));
        assertEquals(4, pace.targets(A, Level.HOUR, 50));
        assertEquals(4, pace.targets(B, Level.MINUTE, 50));
    }

    @Test
    void whatFailsIsMadeSmallerAndThenLeftAloneForLongerAndLonger() {
        pace.failed(A, Level.MINUTE, Set.of(1, 2, 3, 4, 5, 6));
        assertEquals(3, pace.targets(A, Level.MINUTE, 50));
        assertEquals(Set.of(), pace.resting(A, Level.MINUTE));
        for (int minutes : List.of(1, 2, 4, 8, 16, 32, 60, 60)) {
            pace.failed(A, Level.MINUTE, Set.of(7));
            nanos.addAndGet(TimeUnit.MINUTES.toNanos(minutes) - 1);
            assertEquals(Set.of(7), pace.resting(A, Level.MINUTE), minutes + " minutes");
            assertEquals(Set.of(), pace.resting(A, Level.HOUR));
            nanos.addAndGet(1);
            assertEquals(Set.of(), pace.resting(A, Level.MINUTE));
        }
        pace.failed(A, Level.MINUTE, Set.of(7));
        pace.succeeded(A, Level.MINUTE, Set.of(7));
        assertEquals(Set.of(), pace.resting(A, Level.MINUTE));
        pace.failed(A, Level.MINUTE, Set.of(7));
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertEquals(Set.of(), pace.resting(A, Level.MINUTE));
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
        assertEquals(List.of(Level.MINUTE, Level.TEN, Level.HOUR), pace.levels(A));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertTrue(pace.isOver(A, Level.MINUTE));
        assertEquals(List.of(Level.HOUR, Level.TEN, Level.MINUTE), pace.levels(A));
        assertEquals(List.of(Level.MINUTE, Level.TEN, Level.HOUR), pace.levels(A));
        assertEquals(List.of(Level.MINUTE, Level.TEN, Level.HOUR), pace.levels(B));
    }

    @Test
    void hoursThatComeAfterTensAreFirstToo() {
        pace.order(List.of(A, B));
        pace.levels(A);
        assertFalse(pace.isOver(A, Level.MINUTE));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertTrue(pace.isOver(A, Level.TEN));
        assertEquals(List.of(Level.HOUR, Level.TEN, Level.MINUTE), pace.levels(A));
    }

    @Test
    void aFamilyWithoutTablesOfTensHasNoTurnOfThem() {
        var old = new RolledFamily("a", List.of(), Duration.ofMinutes(15), 1, Instant.MIN, false);
        assertEquals(List.of(Level.MINUTE, Level.HOUR), pace.levels(old));
    }

    @Test
    void minutesThatHadToWaitForHoursAreFirstTheNextTime() {
        pace.order(List.of(A, B));
        pace.levels(A);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertTrue(pace.isOver(A, Level.MINUTE));
        pace.order(List.of(A, B));
        assertEquals(List.of(Level.HOUR, Level.TEN, Level.MINUTE), pace.levels(A));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertTrue(pace.isOver(A, Level.MINUTE), "after its hours");
        assertEquals(List.of(Level.MINUTE, Level.TEN, Level.HOUR), pace.levels(A));
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
