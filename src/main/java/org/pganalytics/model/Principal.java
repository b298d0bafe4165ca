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
    private static final String PERSON = "person:";

    public Principal {
        permissions = Set.copyOf(permissions);
    }

    /**
     * Which person, and by which session.
     *
     * @param fresh whether they have proven a short while ago who they are
     * @param lacksFactor whether their role takes a second factor that they do not have yet: nothing but their own session
     *     and what belongs to it is theirs before
     */
    public record SignedIn(UUID person, UUID session, boolean fresh, boolean lacksFactor) {}

    public Principal(String name, Role role) {
        this(name, Optional.of(role), role.permissions(), Optional.empty());
    }

    /** @param name without {@code person:} */
    public static Principal person(String name, Role role, SignedIn signedIn) {
        var permissions = signedIn.lacksFactor() ? Set.of(Permission.SELF) : role.permissions();
        return new Principal(PERSON + name, Optional.of(role), permissions, Optional.of(signedIn));
    }

    /** @param owner empty for a service's */
    public static Principal token(String name, Optional<Role> owner, Set<Permission> permissions) {
        return new Principal(name, owner, permissions, Optional.empty());
    }

    /** Of a person with a session, as they sign in. */
    public String personName() {
        return name.substring(PERSON.length());
    }

    /** Whether it may do what takes a proof of who asks from a short while ago; a token is its own. */
    public boolean isFresh() {
        return signedIn.map(SignedIn::fresh).orElse(true);
    }

    public boolean lacksFactor() {
        return signedIn.map(SignedIn::lacksFactor).orElse(false);
    }

    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }
}
