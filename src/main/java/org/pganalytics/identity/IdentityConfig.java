package org.pganalytics.identity;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How people sign in.
 *
 * @param sessionIdle a session that was not used for so long is over, 1 min to 30 d; default 8 h
 * @param sessionMax one is over after so long, however it was used, 5 min to 365 d; default 7 d
 * @param codeLifetime how long a code for choosing a password holds, 5 min to 30 d; default 24 h
 * @param passwordLengthMin fewest characters of a password, 8 to 64; default 12
 */
public record IdentityConfig(Duration sessionIdle, Duration sessionMax, Duration codeLifetime, int passwordLengthMin) {
    public IdentityConfig {
        Limit.between("identity.session-idle", sessionIdle, Duration.ofMinutes(1), Duration.ofDays(30));
        Limit.between("identity.session-max", sessionMax, Duration.ofMinutes(5), Duration.ofDays(365));
        Limit.between("identity.code-lifetime", codeLifetime, Duration.ofMinutes(5), Duration.ofDays(30));
        Limit.between("identity.password-length-min", passwordLengthMin, 8, 64);
    }
}
