package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pganalytics.alert.AlertConfig;
import org.pganalytics.audit.AuditConfig;
import org.pganalytics.fleet.FleetConfig;

/** Both sides of each limit of a limit. */
class AdmissionConfigTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private static AdmissionConfig with(int collectorsMax, Duration poll, Duration retry) {
        var shipped = AdmissionConfig.defaults();
        return new AdmissionConfig(
                shipped.collector(),
                shipped.server(),
                shipped.strangers(),
                shipped.tokens(),
                collectorsMax,
                poll,
                retry);
    }

    static Stream<Arguments> bad() {
        var second = Duration.ofSeconds(1);
        return Stream.of(
                of("admission.collectors-max", () -> with(0, second, second)),
                of("admission.poll-interval", () -> with(1, Duration.ofMillis(4_001), second)),
                of("admission.retry-after-max", () -> with(1, second, Duration.ofMillis(999))),
                of("attempts-per-second", () -> new AdmissionConfig.Strangers(Double.NaN, 1, 1, 16, 1)),
                of("burst-attempts", () -> new AdmissionConfig.Strangers(1, 0, 1, 16, 1)),
                of("failure-cost", () -> new AdmissionConfig.Strangers(1, 1, 1_001, 16, 1)),
                of("addresses-max", () -> new AdmissionConfig.Strangers(1, 1, 1, 15, 1)),
                of("pending-max", () -> new AdmissionConfig.Strangers(1, 1, 1, 16, 10_001)),
                of("lifetime", () -> new AdmissionConfig.Tokens(Duration.ofHours(25), second, 0)),
                of("key-reload", () -> new AdmissionConfig.Tokens(HOUR, Duration.ofMillis(99), 0)),
                of("verified-max", () -> new AdmissionConfig.Tokens(HOUR, second, -1)),
                of("rows-per-second", () -> new RateLimits(0, 1, 1, 1)),
                of("rows-per-second", () -> new RateLimits(Double.NaN, 1, 1, 1)),
                of("burst-bytes", () -> new RateLimits(1, 1, 1, 0)),
                of("audit.flush-after", () -> new AuditConfig(Duration.ofMillis(99), 10, Duration.ofDays(90))),
                of("audit.waiting-max", () -> new AuditConfig(second, 9, Duration.ofDays(90))),
                of("audit.retention", () -> new AuditConfig(second, 10, Duration.ofDays(89))),
                of("fleet.last-seen-every", () -> new FleetConfig(HOUR, 1)),
                of("fleet.collectors-max", () -> new FleetConfig(second, 0)),
                of("alert.evaluate-every", () -> new AlertConfig(HOUR, HOUR, 1, HOUR, 10, Duration.ofDays(1))),
                of("alert.waiting-max", () -> new AlertConfig(second, HOUR, 1, HOUR, 9, Duration.ofDays(1))));
    }

    private static Arguments of(String key, Executable making) {
        return Arguments.of(key, making);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void aValueOutOfRangeIsRefusedByName(String key, Executable making) {
        var refusal = assertThrows(IllegalArgumentException.class, making);
        assertTrue(refusal.getMessage().contains(key), refusal.getMessage());
    }

    @Test
    void theLimitsThemselvesAreAllowed() {
        with(1, Duration.ofMillis(100), Duration.ofSeconds(1));
        with(1_000_000, Duration.ofSeconds(4), HOUR);
        new AdmissionConfig.Strangers(0.1, 1, 1, 16, 1);
        new AdmissionConfig.Strangers(100_000, 100_000, 1_000, 1_000_000, 10_000);
        new AdmissionConfig.Tokens(Duration.ofSeconds(1), Duration.ofMillis(100), 0);
        assertEquals(FleetConfig.defaults(), new FleetConfig(Duration.ofSeconds(10), 100_000));
    }

    @Test
    void theRegistrationSecretIsLongEnoughAndNeverShown() {
        var short11 = Optional.of("elevenchars");
        var refusal = assertThrows(IllegalArgumentException.class, () -> new RegistrationConfig(short11));
        assertFalse(refusal.getMessage().contains("elevenchars"), refusal.getMessage());
        var config = new RegistrationConfig(Optional.of("twelve chars"));
        assertFalse(config.toString().contains("twelve"), config.toString());
        assertThrows(IllegalArgumentException.class, () -> new RegistrationConfig(Optional.of("x".repeat(257))));
    }

    @Test
    void whatIsGivenToACollectorIsNotShownEither() {
        var id = new UUID(0, 1);
        assertFalse(new Registration(id, "TOKEN", "REFRESH", HOUR).toString().matches(".*(TOKEN|REFRESH).*"));
        assertFalse(new TokenGrant(id, "TOKEN", "REFRESH", HOUR).toString().matches(".*(TOKEN|REFRESH).*"));
    }
}
