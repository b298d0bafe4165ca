package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pganalytics.collector.Condition.State;

/** When a family is read: at its own place in each interval, and less often when that fails. */
class FamilyJobTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final Duration INTERVAL = Duration.ofSeconds(30);

    private final AtomicLong cpu = new AtomicLong();
    private final Pace pace = new Pace(0.5, cpu::get, 0);

    private FamilyJob job(Phase phase) {
        return new FamilyJob(null, INTERVAL, phase, pace, 0);
    }

    @Test
    void itIsReadAtTheSamePlaceOfEachInterval() {
        var phase = new Phase("target");
        var job = job(phase);
        assertTrue(job.start(0), "the first reading waits for no place");
        job.succeeded(Condition.OK);
        long place = phase.of(30 * SECOND);
        int starts = 0;
        for (long now = SECOND / 10; now < 600 * SECOND; now += SECOND / 10) {
            if (job.start(now)) {
                job.succeeded(Condition.OK);
                starts++;
                assertEquals(place, Math.floorMod(now, 30 * SECOND), SECOND / 10.0);
            }
        }
        assertEquals(20, starts);
    }

    @Test
    void aHundredTargetsAreSpreadOverTheInterval() {
        var bySecond = new int[30];
        IntStream.range(0, 100)
                .mapToObj(number -> new Phase("target " + number))
                .forEach(phase -> bySecond[(int) (phase.of(30 * SECOND) / SECOND)]++);
        assertTrue(IntStream.of(bySecond).max().orElseThrow() <= 12, "at most 12 of 100 in one second of thirty");
        assertTrue(IntStream.of(bySecond).filter(targets -> targets > 0).count() >= 25);
    }

    @Test
    void aTargetsFamiliesOfOneTickShareIt() {
        var phase = new Phase("target");
        assertEquals(phase.of(30 * SECOND), phase.of(60 * SECOND) % (30 * SECOND));
        assertEquals(phase.of(10 * SECOND), phase.of(30 * SECOND) % (10 * SECOND));
    }

    @Test
    void oneThatStillRunsIsNotStartedAgain() {
        var job = job(new Phase("a"));
        assertTrue(job.start(0));
        assertFalse(job.start(31 * SECOND));
        assertEquals(1, job.skipped());
    }

    @Test
    void aStretchedIntervalHoldsAtOnce() {
        for (long now = 0; now < 120; now += 5) {
            cpu.addAndGet(5 * SECOND);
            pace.look(now * SECOND);
        }
        var job = job(new Phase("a"));
        assertTrue(job.interval().compareTo(INTERVAL) > 0);
        assertTrue(job.start(0));
        job.succeeded(Condition.OK);
        long again = 0;
        while (!job.start(again)) {
            again += SECOND;
        }
        long next = again;
        job.succeeded(Condition.OK);
        do {
            next += SECOND;
        } while (!job.start(next));
        assertEquals(job.interval().toSeconds(), (next - again) / SECOND, 1.0);
    }

    @Test
    void failuresMakeItRarerAndATargetThatIsAwayDoesNot() {
        var job = job(new Phase("a"));
        assertTrue(job.start(0));
        assertTrue(job.failed(new Condition(State.AWAY, "", "gone"), 0));
        assertTrue(job.start(30 * SECOND), "as soon as its time comes");
        assertFalse(job.failed(new Condition(State.AWAY, "", "gone"), 30 * SECOND), "no news");
        long now = 31 * SECOND;
        for (int failure = 1; failure <= 3; failure++) {
            while (!job.start(now)) {
                now += SECOND;
            }
            job.failed(new Condition(State.FAILING, "", "broken"), now);
            assertFalse(job.start(now + (10L << failure - 1) * SECOND - SECOND), "failure " + failure);
        }
    }

    @Test
    void aLongIntervalIsNotWaitedForAfterAFailureAndThenHoldsAgain() {
        var phase = new Phase("a");
        var job = new FamilyJob(null, Duration.ofHours(1), phase, pace, 0);
        assertTrue(job.start(0));
        assertTrue(job.failed(new Condition(State.FAILING, "", "connection reset"), SECOND));
        assertFalse(job.start(10 * SECOND));
        assertTrue(job.start(11 * SECOND));
        assertTrue(job.failed(new Condition(State.AWAY, "", "gone"), 11 * SECOND));
        assertTrue(job.start(21 * SECOND));
        job.succeeded(Condition.OK);
        long due = phase.next(21 * SECOND, 3600 * SECOND);
        assertFalse(job.start(due - 1));
        assertTrue(job.start(due), "at its old place");
    }

    @Test
    void whatAPersonMustMendIsTriedNowAndThen() {
        for (int minutes : new int[] {1, 60}) {
            var job = new FamilyJob(null, Duration.ofMinutes(minutes), new Phase("a"), pace, 0);
            assertTrue(job.start(0));
            assertTrue(job.failed(new Condition(State.DENIED, "42501", "permission denied"), 0));
            assertFalse(job.start(899 * SECOND));
            assertTrue(job.start(900 * SECOND));
            assertFalse(job.failed(new Condition(State.DENIED, "42501", "permission denied"), 900 * SECOND), "no news");
        }
    }

    @Test
    void whatOnlySomeDatabasesLackLeavesTheIntervalAsItIsAndIsTriedAtOnceWhenThingsChange() {
        var phase = new Phase("a");
        var job = job(phase);
        var lacking = new Condition(State.MISSING, "42P01", "it is not read in database a: no such table");
        assertTrue(job.start(0));
        assertTrue(job.succeeded(lacking));
        assertTrue(job.start(phase.next(0, 30 * SECOND)));
        assertFalse(job.succeeded(lacking), "no news");
        assertEquals(lacking, job.condition().orElseThrow());
        job.tryAgain(31 * SECOND);
        assertTrue(job.start(31 * SECOND));
    }
}
