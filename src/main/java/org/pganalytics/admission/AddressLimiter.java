package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.RetrySpread;
import org.pganalytics.http.Origin;

/**
 * Limits what is not yet known by the address it comes from; an IPv6 host has a whole /64 to come from, which counts as
 * one. Safe to share between event loops.
 */
public final class AddressLimiter {
    /** Two buckets, so that a fleet that registers does not keep those of it out that have a token already. */
    private record Line(TokenBucket attempts, TokenBucket failures, RetrySpread spread) {
        boolean full() {
            return attempts.full() && failures.full();
        }
    }

    private final AdmissionConfig.Strangers limits;
    private final Duration retryAfterMax;
    private final LongSupplier nanoClock;
    private final DoubleSupplier random;
    private final Allotments<String, Line> lines;

    /** @param random 0 to 1, spreads those who are turned away */
    public AddressLimiter(
            AdmissionConfig config, LongSupplier nanoClock, DoubleSupplier random, MeterRegistry registry) {
        this.limits = config.strangers();
        this.retryAfterMax = config.retryAfterMax();
        this.nanoClock = nanoClock;
        this.random = random;
        this.lines = new Allotments<>(limits.addressesMax(), Origin.OTHERS, Line::full, nanoClock);
        registry.gauge("pganalytics.admission.addresses", lines, Allotments::size);
    }

    /** Counts one attempt. @throws FaultException RATE_LIMITED, with when to come again, when there were too many */
    public void take(String address) {
        check(address);
        var line = line(address);
        refuseUnlessZero(line, line.attempts.take(1), limits.attemptsPerSecond());
    }

    /**
     * Counts nothing: for those who will show a token, which is valid as a rule.
     *
     * @throws FaultException RATE_LIMITED, with when to come again, when too many from there {@linkplain #failed}
     */
    public void check(String address) {
        var line = line(address);
        refuseUnlessZero(line, line.failures.untilOpen(), failuresPerSecond());
    }

    /** Counts a wrong secret or token, of which far fewer are allowed than of attempts. */
    public void failed(String address) {
        line(address).failures.charge(1);
    }

    private double failuresPerSecond() {
        return limits.attemptsPerSecond() / limits.failureCost();
    }

    private static void refuseUnlessZero(Line line, Duration wait, double perSecond) {
        if (!wait.isZero()) {
            throw Fault.RATE_LIMITED
                    .because("too many attempts from this address, allowed are %s a second; come again later"
                            .formatted(perSecond))
                    .retryAfter(line.spread.after(wait, Duration.ofNanos((long) (1e9 / perSecond))));
        }
    }

    private Line line(String address) {
        return lines.of(Origin.network(address), added -> newLine());
    }

    private Line newLine() {
        double failuresAtOnce = Math.max(1, (double) limits.burstAttempts() / limits.failureCost());
        return new Line(
                new TokenBucket(limits.attemptsPerSecond(), limits.burstAttempts(), nanoClock),
                new TokenBucket(failuresPerSecond(), failuresAtOnce, nanoClock),
                new RetrySpread(retryAfterMax, nanoClock, random));
    }
}
