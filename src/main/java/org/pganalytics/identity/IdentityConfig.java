package org.pganalytics.identity;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.pganalytics.fault.Limit;
import org.pganalytics.fault.WrongValueException;
import org.pganalytics.model.Role;

/**
 * How people sign in.
 *
 * @param sessionIdle a session that was not used for so long is over, 1 min to 30 d; default 8 h
 * @param sessionMax one is over after so long, however it was used, 5 min to 365 d; default 7 d
 * @param codeLifetime how long a code for choosing a password holds, 5 min to 30 d; default 24 h
 * @param passwordLengthMin fewest characters of a password, 8 to 64; default 12
 * @param secondFactorRoles roles of people that take a second factor: viewer, operator, auditor, admin; default none
 * @param proofLifetime how long a proof of who asks holds for what could do much harm, 1 min to 1 d; default 15 min
 */
public record IdentityConfig(
        Duration sessionIdle,
        Duration sessionMax,
        Duration codeLifetime,
        int passwordLengthMin,
        List<String> secondFactorRoles,
        Duration proofLifetime) {
    private static final Set<String> OF_PEOPLE = Set.of("viewer", "operator", "auditor", "admin");

    public IdentityConfig {
        Limit.between("identity.session-idle", sessionIdle, Duration.ofMinutes(1), Duration.ofDays(30));
        Limit.between("identity.session-max", sessionMax, Duration.ofMinutes(5), Duration.ofDays(365));
        Limit.between("identity.code-lifetime", codeLifetime, Duration.ofMinutes(5), Duration.ofDays(30));
        Limit.between("identity.password-length-min", passwordLengthMin, 8, 64);
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
