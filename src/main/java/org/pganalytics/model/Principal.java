package org.pganalytics.model;

import java.util.Optional;
import java.util.UUID;

/**
 * Who asks through the API, by a token or session that was verified.
 *
 * @param name as the audit has it, such as {@code admin:bootstrap} or {@code person:alice}
 * @param signedIn of a person with a session
 */
public record Principal(String name, Role role, Optional<SignedIn> signedIn) {
    /** Which person, and by which session. */
    public record SignedIn(UUID person, UUID session) {}

    public Principal(String name, Role role) {
        this(name, role, Optional.empty());
    }

    /** @param name without {@code person:} */
    public static Principal person(String name, Role role, SignedIn signedIn) {
        return new Principal("person:" + name, role, Optional.of(signedIn));
    }

    public boolean may(Permission permission) {
        return role.may(permission);
    }
}
