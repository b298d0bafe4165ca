package org.pganalytics.admission;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * Limits on who may come in and how fast they may send. Reloadable: {@code collector}, {@code server}.
 *
 * @param collector what one collector may send; default 100 000 rows/s, burst 1 000 000, 32 MiB/s, burst 128 MiB
 * @param server what all of them together may send; default 1 000 000 rows/s, burst 2 000 000, 256 MiB/s, burst 512 MiB
 * @param strangers limits per address on those not yet known
 * @param tokens of collectors
 * @param collectorsMax collectors kept in memory with their buckets, 1 to 1 000 000; default 100 000; the state of more
 *     is read from the database each time, and they share one bucket
 * @param pollInterval between two looks for revocations and overrides, 100 ms to 4 s; default 2 s
 * @param retryAfterMax longest wait a sender is told, 1 s to 1 h; default 60 s
 */
public record AdmissionConfig(
        RateLimits collector,
        RateLimits server,
        Strangers strangers,
        Tokens tokens,
        int collectorsMax,
        Duration pollInterval,
        Duration retryAfterMax) {

    /**
     * @param attemptsPerSecond registrations and refreshes of one address (IPv6: of one /64), and exchanges of its
     *     token by one version 3 collector, whatever its address, 0.1 to 100 000; default 50
     * @param burstAttempts at once, 1 to 100 000; default 200
     * @param failureCost how many times fewer wrong secrets and failed sign-ins are allowed than attempts, 1 to 1 000;
     *     default 10
     * @param addressesMax addresses remembered, 16 to 1 000 000; default 50 000; more share one bucket
     * @param pendingMax registrations and refreshes under way at once, 1 to 10 000; default 64; more are OVERLOADED
     */
    public record Strangers(
            double attemptsPerSecond, int burstAttempts, int failureCost, int addressesMax, int pendingMax) {
        public Strangers {
            Limit.between("admission.strangers.attempts-per-second", attemptsPerSecond, 0.1, 100_000);
            Limit.between("admission.strangers.burst-attempts", burstAttempts, 1, 100_000);
            Limit.between("admission.strangers.failure-cost", failureCost, 1, 1_000);
            Limit.between("admission.strangers.addresses-max", addressesMax, 16, 1_000_000);
            Limit.between("admission.strangers.pending-max", pendingMax, 1, 10_000);
        }
    }

    /**
     * @param lifetime from issue to expiry, 1 s to 24 h; default 1 h; 60 s of leeway come on top
     * @param keyReload least time between two looks for a signing key not known yet, 100 ms to 10 min; default 10 s
     * @param verifiedMax verified tokens remembered, so that a push need not verify again, 0 to 1 000 000; default 10 000
     */
    public record Tokens(Duration lifetime, Duration keyReload, int verifiedMax) {
        public Tokens {
            Limit.between("admission.tokens.lifetime", lifetime, Duration.ofSeconds(1), Duration.ofHours(24));
            Limit.between("admission.tokens.key-reload", keyReload, Duration.ofMillis(100), Duration.ofMinutes(10));
            Limit.between("admission.tokens.verified-max", verifiedMax, 0, 1_000_000);
        }
    }

    public AdmissionConfig {
        Limit.between("admission.collectors-max", collectorsMax, 1, 1_000_000);
        Limit.between("admission.poll-interval", pollInterval, Duration.ofMillis(100), Duration.ofSeconds(4));
        Limit.between("admission.retry-after-max", retryAfterMax, Duration.ofSeconds(1), Duration.ofHours(1));
    }

    /** The same with other rates: the part that may change while running. */
    public AdmissionConfig with(RateLimits otherCollector, RateLimits otherServer) {
        return new AdmissionConfig(
                otherCollector, otherServer, strangers, tokens, collectorsMax, pollInterval, retryAfterMax);
    }

    public static AdmissionConfig defaults() {
        return new AdmissionConfig(
                new RateLimits(100_000, 1_000_000, 32L << 20, 128L << 20),
                new RateLimits(1_000_000, 2_000_000, 256L << 20, 512L << 20),
                new Strangers(50, 200, 10, 50_000, 64),
                new Tokens(Duration.ofHours(1), Duration.ofSeconds(10), 10_000),
                100_000,
                Duration.ofSeconds(2),
                Duration.ofSeconds(60));
    }
}
