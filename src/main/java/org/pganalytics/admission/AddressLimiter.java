package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.NetUtil;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.pganalytics.fault.Fault;

/**
 * Limits what is not yet known by the address it comes from; an IPv6 host has a whole /64 to come from, which counts as
 * one. Safe to share between event loops.
 */
public final class AddressLimiter {
    private static final String OTHERS = "others";
    private static final int IPV6_PREFIX_BYTES = 8;

    private record Line(TokenBucket bucket, RetrySpread spread) {}

    private final AdmissionConfig.Strangers limits;
    private final Duration retryAfterMax;
    private final LongSupplier nanoClock;
    private final DoubleSupplier random;
    private final ConcurrentHashMap<String, Line> lines = new ConcurrentHashMap<>();
    private long sweptAt;

    /** @param random 0 to 1, spreads those who are turned away */
    public AddressLimiter(
            AdmissionConfig config, LongSupplier nanoClock, DoubleSupplier random, MeterRegistry registry) {
        this.limits = config.strangers();
        this.retryAfterMax = config.retryAfterMax();
        this.nanoClock = nanoClock;
        this.random = random;
        this.sweptAt = nanoClock.getAsLong() - Duration.ofSeconds(1).toNanos();
        registry.gauge("pganalytics.admission.addresses", lines, ConcurrentHashMap::size);
    }

    /** Counts one attempt. @throws FaultException RATE_LIMITED, with when to come again, when there were too many */
    public void take(String address) {
        var line = line(address);
        refuseUnlessZero(line, line.bucket.take(1));
    }

    /** Refuses like {@link #take} but counts nothing: for those who will show a token, which is valid as a rule. */
    public void check(String address) {
        var line = line(address);
        refuseUnlessZero(line, line.bucket.untilOpen());
    }

    /** Counts a wrong secret or token, which costs more than an attempt; to be called besides take or check. */
    public void failed(String address) {
        line(address).bucket.charge(limits.failureCost());
    }

    private void refuseUnlessZero(Line line, Duration wait) {
        if (wait.isZero()) {
            return;
        }
        var slot = Duration.ofNanos((long) (1e9 / limits.attemptsPerSecond()));
        throw Fault.RATE_LIMITED
                .because("too many attempts from this address, allowed are %s a second; come again later"
                        .formatted(limits.attemptsPerSecond()))
                .retryAfter(line.spread.after(wait, slot));
    }

    private Line line(String address) {
        var key = key(address);
        var known = lines.get(key);
        if (known != null) {
            return known;
        }
        if (lines.size() >= limits.addressesMax()) {
            sweep();
        }
        return lines.computeIfAbsent(lines.size() < limits.addressesMax() ? key : OTHERS, added -> newLine());
    }

    private Line newLine() {
        return new Line(
                new TokenBucket(limits.attemptsPerSecond(), limits.burstAttempts(), nanoClock),
                new RetrySpread(retryAfterMax, nanoClock, random));
    }

    /** At most once a second: it walks over all of them. */
    private synchronized void sweep() {
        long now = nanoClock.getAsLong();
        if (now - sweptAt >= Duration.ofSeconds(1).toNanos()) {
            sweptAt = now;
            lines.values().removeIf(line -> line.bucket.full());
        }
    }

    private static String key(String address) {
        var bytes = NetUtil.createByteArrayFromIpAddressString(address);
        if (bytes == null) {
            return OTHERS;
        }
        return HexFormat.of().formatHex(bytes.length == 4 ? bytes : Arrays.copyOf(bytes, IPV6_PREFIX_BYTES));
    }
}
