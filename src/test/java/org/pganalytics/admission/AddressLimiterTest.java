package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Strangers are limited by where they come from, and told to come again one after the other. */
class AddressLimiterTest {
    private final AtomicLong nanos = new AtomicLong();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AddressLimiter limiter = limiter(10, 5, 100);

    private AddressLimiter limiter(double perSecond, int burst, int addressesMax) {
        var shipped = AdmissionConfig.defaults();
        var config = new AdmissionConfig(
                shipped.collector(),
                shipped.server(),
                new AdmissionConfig.Strangers(perSecond, burst, 10, addressesMax, 64),
                shipped.tokens(),
                100,
                shipped.pollInterval(),
                Duration.ofSeconds(60));
        return new AddressLimiter(config, nanos::get, new Random(1)::nextDouble, registry);
    }

    private void exhaust(String address) {
        for (int i = 0; i < 5; i++) {
            limiter.take(address);
        }
    }

    private static Duration refusal(Runnable attempt) {
        var refused = assertThrows(FaultException.class, attempt::run);
        assertEquals(Fault.RATE_LIMITED, refused.fault());
        return refused.retryAfter().orElseThrow();
    }

    @Test
    void anAddressThatTriesTooOftenWaitsAndOthersDoNot() {
        exhaust("192.0.2.1");
        var wait = refusal(() -> limiter.take("192.0.2.1"));
        limiter.take("192.0.2.2");
        nanos.addAndGet(wait.toNanos());
        limiter.take("192.0.2.1");
    }

    @Test
    void oneIpv6NetworkIsOneAddressInWhateverSpelling() {
        exhaust("2001:db8::1");
        refusal(() -> limiter.take("2001:db8::2"));
        refusal(() -> limiter.take("2001:0db8:0:0:ffff::9"));
        limiter.take("2001:db8:0:1::1");
    }

    @Test
    void farFewerMayFailThanTry() {
        limiter.failed("192.0.2.1");
        limiter.failed("192.0.2.1");
        refusal(() -> limiter.take("192.0.2.1"));
        refusal(() -> limiter.check("192.0.2.1"));
        nanos.addAndGet(Duration.ofMillis(1_001).toNanos());
        limiter.check("192.0.2.1");
        limiter.take("192.0.2.1");
    }

    @Test
    void aFleetThatRegistersDoesNotKeepThoseWithATokenOut() {
        exhaust("192.0.2.1");
        refusal(() -> limiter.take("192.0.2.1"));
        limiter.check("192.0.2.1");
    }

    @Test
    void lookingCostsNothing() {
        for (int i = 0; i < 1_000; i++) {
            limiter.check("192.0.2.1");
        }
        exhaust("192.0.2.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not an address", "::ffff:1.2.3.4:5", "1.2.3"})
    void whatIsNoAddressIsLimitedToo(String odd) {
        exhaust(odd);
        refusal(() -> limiter.take(odd));
    }

    @Test
    void manyAddressesNeitherGrowTheMemoryNorEscapeTheLimit() {
        for (int i = 0; i < 20_000; i++) {
            try {
                limiter.take("10.%d.%d.%d".formatted(i >> 16, i >> 8 & 255, i & 255));
            } catch (FaultException refused) {
                assertEquals(Fault.RATE_LIMITED, refused.fault());
            }
        }
        assertTrue(registry.get("pganalytics.admission.addresses").gauge().value() <= 101);
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        limiter.take("172.16.0.1");
        limiter.take("172.16.0.2");
        assertTrue(registry.get("pganalytics.admission.addresses").gauge().value() <= 3, "those at rest are forgotten");
    }

    /** Five hundred come at the same moment from one address, and each comes again exactly when told. */
    @Test
    void aFleetThatStartsAtOnceIsSmoothedNotRefusedForEver() {
        var fleet = limiter(50, 20, 100);
        record Try(long at, int number, int times) {}
        var tries = new PriorityQueue<Try>((a, b) -> Long.compare(a.at, b.at));
        for (int i = 0; i < 500; i++) {
            tries.add(new Try(0, i, 1));
        }
        var timesNeeded = new ArrayList<Integer>();
        while (!tries.isEmpty()) {
            var next = tries.remove();
            nanos.set(Math.max(nanos.get(), next.at));
            try {
                fleet.take("192.0.2.1");
                timesNeeded.add(next.times);
            } catch (FaultException refused) {
                long wait = refused.retryAfter().orElseThrow().toNanos();
                tries.add(new Try(nanos.get() + wait, next.number, next.times + 1));
            }
        }
        var took = Duration.ofNanos(nanos.get());
        int most = timesNeeded.stream().mapToInt(Integer::intValue).max().orElseThrow();
        assertEquals(500, timesNeeded.size());
        assertTrue(took.compareTo(Duration.ofSeconds(12)) < 0, "all in after " + took + ", the rate alone takes 9.6 s");
        assertTrue(most <= 3, "somebody had to try " + most + " times");
    }
}
