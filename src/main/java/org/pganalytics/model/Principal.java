package org.pganalytics.model;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Who asks through the API, by a token or session that was verified.
 *
 * @param name as the audit has it, such as {@code admin:bootstrap}, {@code person:alice}, {@code person:alice/her-token}
 * @param role empty for a service
 * @param permissions what they may do now; by an API token less than its owner's role
 * @param signedIn of a person with a session
 */
public record Principal(String name, Optional<Role> role, Set<Permission> permissions, Optional<SignedIn> signedIn) {
    public Principal {
        permissions = Set.copyOf(permissions);
    }

    /** Which person, and by which session. */
    public record SignedIn(UUID person, UUID session) {}

    public Principal(String name, Role role) {
        this(name, Optional.of(role), role.permissions(), Optional.empty());
    }

    /** @param name without {@code person:} */
    public static Principal person(String name, Role role, SignedIn signedIn) {
        return new Principal("person:" + name, Optional.of(role), role.permissions(), Optional.of(signedIn));
    }

    /** @param owner empty for a service's */
    public static Principal token(String name, Optional<Role> owner, Set<Permission> permissions) {
        return new Principal(name, owner, permissions, Optional.empty());
    }

    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }
}
