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
    private static final String PERSON = "person:";

    /**
     * Which person, and by which session.
     *
     * @param fresh whether they have proven a short while ago who they are
     * @param lacksFactor whether their role takes a second factor that they do not have yet: nothing but their own session
     *     and what belongs to it is theirs before
     */
    public record SignedIn(UUID person, UUID session, boolean fresh, boolean lacksFactor) {}

    public Principal(String name, Role role) {
        this(name, role, Optional.empty());
    }

    /** @param name without {@code person:} */
    public static Principal person(String name, Role role, SignedIn signedIn) {
        return new Principal(PERSON + name, role, Optional.of(signedIn));
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
        return role.may(permission) && (permission == Permission.SELF || !lacksFactor());
    }
}
