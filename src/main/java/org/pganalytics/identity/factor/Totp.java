package org.pganalytics.identity.factor;

import io.vertx.core.Future;
import io.vertx.ext.auth.otp.Authenticator;
import io.vertx.ext.auth.otp.OtpCredentials;
import io.vertx.ext.auth.otp.OtpKey;
import io.vertx.ext.auth.otp.OtpKeyGenerator;
import io.vertx.ext.auth.otp.hotp.HotpAuth;
import io.vertx.ext.auth.otp.hotp.HotpAuthOptions;
import io.vertx.ext.auth.otp.totp.TotpAuth;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Codes of six digits that change every 30 s (RFC 6238, HMAC-SHA-1, which all authenticators know). One that is a step early
 * or late is taken, too, for clocks that differ; none is taken twice.
 *
 * <p>A code by time is one by counter (RFC 4226) with the step of time as the counter. It is checked so, because a counter
 * says which code was the last one; vertx-auth-otp's check by time does not.
 */
final class Totp {
    private static final int STEP_SECONDS = 30;
    private static final int DIGITS = 6;
    private static final int STEPS_OFF_MAX = 1;
    /** vertx-auth-otp wants one; whose key it is stands beside it here. */
    private static final String SOMEBODY = "somebody";

    private static final String ISSUER = "pgAnalytics";

    private final Clock clock;
    private final HotpAuthOptions options = new HotpAuthOptions()
            .setPasswordLength(DIGITS)
            .setLookAheadWindow(2 * STEPS_OFF_MAX)
            .setCounter(0);

    Totp(Clock clock) {
        this.clock = clock;
    }

    /** A new key of 160 bits, as RFC 4226 recommends, in base32. */
    static String newKey() {
        return OtpKeyGenerator.create().generate().getKey();
    }

    /** What an authenticator reads. */
    static String uri(String key, String person) {
        return TotpAuth.create().generateUri(new OtpKey().setKey(key).setAlgorithm("SHA1"), ISSUER, person);
    }

    /**
     * The step of the code, to be kept: no code up to it may be taken again. Fails when it is no code of about now, or one
     * that was taken.
     *
     * @param lastStep of the code that was taken last
     */
    Future<Long> check(String key, long lastStep, String code) {
        long now = clock.instant().getEpochSecond() / STEP_SECONDS;
        var known = new Authenticator()
                .setIdentifier(SOMEBODY)
                .setKey(key)
                .setAlgorithm("SHA1")
                .setCounter(Math.max(lastStep, now - STEPS_OFF_MAX - 1));
        var step = new AtomicLong();
        return HotpAuth.create(options)
                .authenticatorFetcher(any -> Future.succeededFuture(known))
                .authenticatorUpdater(found -> {
                    step.set(found.getCounter());
                    return found.getCounter() <= now + STEPS_OFF_MAX
                            ? Future.succeededFuture()
                            : Future.failedFuture("the code is of a later time");
                })
                .authenticate(new OtpCredentials(SOMEBODY, code))
                .map(right -> step.get());
    }
}
