package org.pganalytics.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Room for bytes, and what those are told who find none. */
class ByteRoomTest {
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final AtomicLong nanos = new AtomicLong();
    private final ByteRoom room = new ByteRoom(1_000, Duration.ofMinutes(1), nanos::get);

    private void pass(long millis) {
        nanos.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    private long waitFor(long bytes) {
        var full = room.full("full", bytes);
        assertEquals(Fault.OVERLOADED, full.fault());
        return full.retryAfter().orElseThrow().toMillis();
    }

    /** Lets go of a thousand bytes a second, and takes as many. */
    private void drain(int seconds) {
        for (int tenth = 0; tenth < 10 * seconds; tenth++) {
            pass(100);
            room.release(100);
            assertTrue(room.take(100));
        }
    }

    @Test
    void whatDoesNotFitTakesNothing() {
        assertTrue(room.take(600));
        assertFalse(room.take(401));
        assertEquals(600, room.used());
        assertTrue(room.take(400));
        room.release(1_000);
        assertEquals(0, room.used());
    }

    @Test
    void whatIsAloneIsTakenWhateverItsSize() {
        assertFalse(room.take(5_000));
        assertTrue(room.hasRoom(5_000));
        assertTrue(room.takeOrAlone(5_000));
        assertFalse(room.hasRoom(1));
        assertFalse(room.takeOrAlone(1));
    }

    @Test
    void whileNothingIsLetGoAllAreToldASecond() {
        room.take(1_000);
        pass(3_000);
        assertEquals(1_000, waitFor(10));
        assertEquals(1_000, waitFor(10));
    }

    @Test
    void whoIsTurnedAwayComesAgainOneAfterTheOtherAsFastAsRoomIsMade() {
        room.take(1_000);
        drain(3);
        assertEquals(
                LongStream.of(50, 250, 450, 650, 850).boxed().toList(),
                LongStream.range(0, 5).mapToObj(one -> waitFor(200)).toList());
    }

    @Test
    void howFastItWasBeforeSoonCountsForLittle() {
        room.take(1_000);
        drain(30);
        for (int second = 0; second < 20; second++) {
            pass(1_000);
            room.release(100);
            assertTrue(room.take(100));
        }
        waitFor(100);
        long second = waitFor(100) - 50;
        assertTrue(second > 500 && second <= 1_000, "a tenth of the rate, far more than 100 ms: " + second);
    }

    @Test
    void timeInWhichNothingWasHeldIsNotSlowness() {
        room.take(1_000);
        drain(3);
        room.release(1_000);
        pass(3_600_000);
        room.take(1_000);
        drain(1);
        waitFor(200);
        assertEquals(250, waitFor(200));
    }

    @Test
    void nobodyIsToldToWaitForLongerThanTheLongest() {
        room.take(1_000);
        drain(1);
        LongStream.range(0, 1_000).forEach(one -> assertTrue(waitFor(500) <= LONGEST.toMillis()));
    }
}
