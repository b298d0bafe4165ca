package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A thousand a second, two thousand at once, four hundred taken at a time. */
class LeaseTest {
    private static final double EXACT = 1e-6;

    private final AtomicLong nanos = new AtomicLong();
    private final Lease lease = new Lease(1_000, 2_000, 0.4, nanos::get);

    private void pass(long millis) {
        nanos.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    private void exchange(double granted, double left) {
        lease.offer();
        lease.exchanged(granted, left);
    }

    @Test
    void beforeTheFirstAnswerOneChunkGoesOnCredit() {
        lease.charge(399);
        assertTrue(lease.isOpen());
        lease.charge(1);
        assertFalse(lease.isOpen());
        assertEquals(-400, lease.offer(), EXACT);
    }

    @Test
    void itGoesIntoDebtAsFarAsTheSharedBucketHadTokens() {
        exchange(400, 1_000);
        lease.charge(1_399);
        assertTrue(lease.isOpen());
        lease.charge(1);
        assertFalse(lease.isOpen());
        assertEquals(-1_000, lease.offer(), EXACT);
    }

    @Test
    void whatIsUsedDuringAnExchangeStaysUsed() {
        exchange(400, 0);
        lease.charge(100);
        assertEquals(300, lease.offer(), EXACT);
        lease.charge(250);
        lease.exchanged(400, 0);
        assertEquals(150, lease.offer(), EXACT);
    }

    @Test
    void whoOwesWaitsUntilTimeHasPaidIt() {
        exchange(0, -3_000);
        assertFalse(lease.isOpen());
        assertEquals(3, lease.secondsUntilFilled(), EXACT);
        pass(1_000);
        assertEquals(2, lease.secondsUntilFilled(), EXACT);
        assertFalse(lease.isRested(), "it would be let in on credit");
        pass(2_400);
        assertTrue(lease.isRested());
    }

    @Test
    void littleIsAskedForByThoseWhoUseLittle() {
        exchange(0, 2_000);
        lease.charge(30);
        assertEquals(60, lease.want(false), EXACT);
        assertEquals(400, lease.want(true), EXACT);
        lease.charge(1_000);
        assertEquals(400, lease.want(false), EXACT);
        assertFalse(lease.runsShort());
        lease.charge(800);
        assertTrue(lease.runsShort());
    }

    @Test
    void aloneItHasItsPartAndBeginsWithWhatItHeld() {
        exchange(100, 0);
        lease.goAlone(0.5);
        lease.charge(100);
        assertFalse(lease.isOpen());
        pass(200);
        lease.charge(99);
        assertTrue(lease.isOpen());
        lease.charge(1);
        assertFalse(lease.isOpen());
    }

    @Test
    void afterAShortTimeAloneItOwesWhatItUsed() {
        exchange(100, 0);
        lease.goAlone(0.5);
        pass(1_000);
        lease.charge(500);
        assertEquals(-400, lease.offer(), EXACT);
        lease.charge(7);
        lease.exchanged(50, 0);
        assertFalse(lease.isAlone());
        assertEquals(43, lease.offer(), EXACT);
    }

    @Test
    void afterALongTimeAloneItOwesWhatItsBucketLacks() {
        exchange(0, 0);
        lease.goAlone(0.5);
        for (int second = 0; second < 600; second++) {
            pass(1_000);
            lease.charge(500);
        }
        assertEquals(-1_000, lease.offer(), EXACT);
    }

    @Test
    void aBucketThatWasLostBeginsWithWhatItWouldHave() {
        assertEquals(2_000, lease.seed(), EXACT);
        exchange(0, 300);
        pass(500);
        assertEquals(800, lease.seed(), EXACT);
        pass(60_000);
        assertEquals(2_000, lease.seed(), EXACT);
    }

    @Test
    void otherLimitsCountAtOnceAlsoAlone() {
        lease.tune(10, 20);
        assertEquals(20, lease.seed(), EXACT);
        lease.goAlone(0.5);
        lease.tune(1_000, 2_000);
        lease.charge(11);
        pass(100);
        assertTrue(lease.isOpen());
    }
}
