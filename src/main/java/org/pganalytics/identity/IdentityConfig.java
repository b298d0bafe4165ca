package org.pganalytics.identity;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.pganalytics.fault.Limit;
import org.pganalytics.fault.WrongValueException;
import org.pganalytics.model.Role;

/**
 * How people sign in, and which tokens their programs may have.
 *
 * @param sessionIdle a session that was not used for so long is over, 1 min to 30 d; default 8 h
 * @param sessionMax one is over after so long, however it was used, 5 min to 365 d; default 7 d
 * @param sessionsMax most sessions of one person, 1 to 1,000; default 20; one more ends the oldest
 * @param codeLifetime how long a code for choosing a password holds, 5 min to 30 d; default 24 h
 * @param passwordLengthMin fewest characters of a password, 8 to 64; default 12
 * @param secondFactorRoles roles of people that take a second factor: viewer, operator, auditor, admin; default none
 * @param proofLifetime how long a proof of who asks holds for what could do much harm, 1 min to 1 d; default 15 min
 * @param tokensMax most API tokens of one person that hold at once, 0 to 1,000; default 20; one more is refused
 * @param tokenLifetimeMax longest that an API token may hold, 1 h to 3,650 d; default 365 d
 * @param tokenStalenessMax how long a server believes what it knows of a token, 0 to 4 s; default 2 s
 */
public record IdentityConfig(
        Duration sessionIdle,
        Duration sessionMax,
        int sessionsMax,
        Duration codeLifetime,
        int passwordLengthMin,
        List<String> secondFactorRoles,
        Duration proofLifetime,
        int tokensMax,
        Duration tokenLifetimeMax,
        Duration tokenStalenessMax) {
    private static final Set<String> OF_PEOPLE = Set.of("viewer", "operator", "auditor", "admin");

    public IdentityConfig {
        Limit.between("identity.session-idle", sessionIdle, Duration.ofMinutes(1), Duration.ofDays(30));
        Limit.between("identity.session-max", sessionMax, Duration.ofMinutes(5), Duration.ofDays(365));
        Limit.between("identity.sessions-max", sessionsMax, 1, 1_000);
        Limit.between("identity.code-lifetime", codeLifetime, Duration.ofMinutes(5), Duration.ofDays(30));
        Limit.between("identity.password-length-min", passwordLengthMin, 8, 64);
        Limit.between("identity.tokens-max", tokensMax, 0, 1_000);
        Limit.between("identity.token-lifetime-max", tokenLifetimeMax, Duration.ofHours(1), Duration.ofDays(3_650));
        Limit.between("identity.token-staleness-max", tokenStalenessMax, Duration.ZERO, Duration.ofSeconds(4));
        Limit.between("identity.proof-lifetime", proofLifetime, Duration.ofMinutes(1), Duration.ofDays(1));
        secondFactorRoles = List.copyOf(secondFactorRoles);
        if (!OF_PEOPLE.containsAll(secondFactorRoles)) {
            throw new WrongValueException(
                    "identity.second-factor-roles",
                    secondFactorRoles.toString(),
                    "a list of viewer, operator, auditor, admin");
        }
    }

    boolean wantsSecondFactor(Role role) {
        return secondFactorRoles.contains(role.key());
    }
}
