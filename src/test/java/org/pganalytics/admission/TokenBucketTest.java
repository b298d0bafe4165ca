package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Time is a number here, so nothing waits. */
class TokenBucketTest {
    private final AtomicLong nanos = new AtomicLong();
    private final TokenBucket bucket = new TokenBucket(100, 10, nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void aBurstPassesThenTheRateHolds() {
        assertEquals(Duration.ZERO, bucket.take(10));
        var wait = bucket.take(5);
        assertFalse(wait.isZero());
        pass(Duration.ofMillis(50));
        assertEquals(Duration.ZERO, bucket.take(5));
        assertFalse(bucket.take(1).isZero());
    }

    @Test
    void whatIsLargerThanTheBurstPassesAndIsPaidForAfterwards() {
        assertEquals(Duration.ZERO, bucket.take(1_010));
        assertEquals(Duration.ofSeconds(10), Duration.ofMillis(bucket.take(1).toMillis()));
        pass(Duration.ofSeconds(10));
        assertFalse(bucket.take(1).isZero(), "a balance of zero is not above zero");
        pass(bucket.untilOpen());
        assertEquals(Duration.ZERO, bucket.take(1_000_000));
    }

    @Test
    void theWaitThatIsToldIsEnough() {
        bucket.charge(12_345.678);
        pass(bucket.untilOpen());
        assertEquals(Duration.ZERO, bucket.untilOpen());
    }

    @Test
    void restDoesNotFillItBeyondItsBurst() {
        pass(Duration.ofDays(1_000));
        assertEquals(Duration.ZERO, bucket.take(10));
        assertFalse(bucket.take(1).isZero());
    }

    @Test
    void overALongTimeExactlyTheRatePasses() {
        long passed = 0;
        for (int i = 0; i < 100_000; i++) {
            pass(Duration.ofMillis(1));
            passed += bucket.take(1).isZero() ? 1 : 0;
        }
        assertTrue(passed >= 10_000 && passed <= 10_011, passed + " in 100 s");
    }

    @Test
    void newLimitsHoldFromNowOnAndDebtStays() {
        bucket.take(1_010);
        bucket.tune(1_000, 20);
        assertEquals(Duration.ofSeconds(1), Duration.ofMillis(bucket.untilOpen().toMillis()));
        pass(Duration.ofDays(1));
        assertTrue(bucket.full());
        assertEquals(Duration.ZERO, bucket.take(20));
        assertFalse(bucket.take(1).isZero());
    }

    @Test
    void aHugeDebtNeitherOverflowsNorEndsTheLimit() {
        bucket.charge(1e300);
        assertFalse(bucket.untilOpen().isNegative());
        assertFalse(bucket.take(1).isZero());
    }
}
