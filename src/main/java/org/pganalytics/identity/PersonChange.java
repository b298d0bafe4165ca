package org.pganalytics.identity;

import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.model.Role;

/**
 * What is to be done so that somebody stands here as whoever else knows them says.
 *
 * @param person empty for one who is new
 * @param name what they are called here from then on
 * @param before what it was: a role or a name; empty where there was none
 * @param role that they have then
 * @param externalId empty where it does not matter
 */
public record PersonChange(Kind kind, Optional<UUID> person, String name, String before, Role role, String externalId) {
    /** What is done. */
    public enum Kind {
        ADD,
        LINK,
        RENAME,
        SET_ROLE,
        ENABLE,
        DISABLE;

        /** As the audit, metrics and the command line have it. */
        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public static PersonChange add(String name, Role role, String externalId) {
        return new PersonChange(Kind.ADD, Optional.empty(), name, "", role, externalId);
    }

    public static PersonChange of(Kind kind, UUID person, String name, String before, Role role, String externalId) {
        return new PersonChange(kind, Optional.of(person), name, before, role, externalId);
    }

    /** For a person's eyes. */
    @Override
    public String toString() {
        return switch (kind) {
            case ADD -> "add %s as %s".formatted(name, role.key());
            case LINK -> "link %s".formatted(name);
            case RENAME -> "rename %s to %s".formatted(before, name);
            case SET_ROLE -> "give %s the role %s instead of %s".formatted(name, role.key(), before);
            case ENABLE -> "enable %s".formatted(name);
            case DISABLE -> "disable %s".formatted(name);
        };
    }
}
