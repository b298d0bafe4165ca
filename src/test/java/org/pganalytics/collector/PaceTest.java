package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How intervals give way to the CPU budget, and come back. */
class PaceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long LOOK = Pace.LOOK_EVERY.toNanos();

    private final AtomicLong cpu = new AtomicLong();
    private long now = 17;

    private Pace pace(double budget) {
        return new Pace(budget, cpu::get, now);
    }

    /** Lets time pass, in which the process takes so much of a core. */
    private void pass(Pace pace, long seconds, double share) {
        for (long passed = 0; passed < seconds * SECOND; passed += LOOK) {
            now += LOOK;
            cpu.addAndGet((long) (share * LOOK));
            pace.look(now);
        }
    }

    @Test
    void theFirstMinuteDoesNotCount() {
        var pace = pace(0.1);
        pass(pace, 55, 2);
        assertEquals(1, pace.stretch());
    }

    @Test
    void aboveTheBudgetIntervalsGrowUpToALimit() {
        var pace = pace(0.5);
        pass(pace, 90, 0.8);
        assertTrue(pace.stretch() > 1.5, "" + pace.stretch());
        pass(pace, 600, 0.8);
        assertEquals(Pace.LONGEST, pace.stretch());
        assertEquals(Duration.ofMinutes(20), pace.stretched(Duration.ofMinutes(1)));
    }

    @Test
    void belowItTheyShrinkUntilTheyAreAsDeclared() {
        var pace = pace(0.5);
        pass(pace, 120, 0.8);
        pass(pace, 600, 0.1);
        assertEquals(1, pace.stretch());
        assertEquals(Duration.ofSeconds(30), pace.stretched(Duration.ofSeconds(30)));
    }

    /** What would be too much again at once is left as it is. */
    @Test
    void justBelowItTheyStay() {
        var pace = pace(0.5);
        pass(pace, 120, 0.8);
        pass(pace, 15, 0.45);
        double before = pace.stretch();
        pass(pace, 300, 0.45);
        assertEquals(before, pace.stretch());
        assertEquals(0.45, pace.share(), 0.01);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 64})
    void withoutALimitNothingIsStretched(double budget) {
        var pace = pace(budget);
        pass(pace, 600, 3);
        assertEquals(1, pace.stretch());
    }

    @Test
    void aJvmThatDoesNotTellItsTimeStretchesNothing() {
        var pace = new Pace(0.1, () -> -1, now);
        for (int look = 0; look < 100; look++) {
            now += LOOK;
            pace.look(now);
        }
        assertEquals(1, pace.stretch());
    }
}
