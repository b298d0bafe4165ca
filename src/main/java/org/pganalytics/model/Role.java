package org.pganalytics.model;

import static org.pganalytics.model.Permission.AUDIT_READ;
import static org.pganalytics.model.Permission.FLEET_READ;
import static org.pganalytics.model.Permission.FLEET_WRITE;
import static org.pganalytics.model.Permission.METRICS_READ;
import static org.pganalytics.model.Permission.PEOPLE_READ;
import static org.pganalytics.model.Permission.QUARANTINE_READ;
import static org.pganalytics.model.Permission.QUARANTINE_WRITE;
import static org.pganalytics.model.Permission.SELF;
import static org.pganalytics.model.Permission.TOKENS_READ;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What somebody may do. This is the one place that says so: what does not stand here is not allowed. */
public enum Role {
    /** Looks at what was collected. */
    VIEWER(EnumSet.of(SELF, METRICS_READ, FLEET_READ)),
    /** Runs the fleet. */
    OPERATOR(EnumSet.of(SELF, METRICS_READ, FLEET_READ, FLEET_WRITE, QUARANTINE_READ, QUARANTINE_WRITE)),
    /** Looks at who may do what and at the fleet, not at what was collected. */
    AUDITOR(EnumSet.of(SELF, FLEET_READ, PEOPLE_READ, TOKENS_READ, AUDIT_READ)),
    /** Everything that the API offers to people. */
    ADMIN(EnumSet.allOf(Permission.class)),
    /** Pushes its own batches, and has nothing of the API for people. */
    COLLECTOR(EnumSet.noneOf(Permission.class));

    /** A copy that nobody can change. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<Permission> permissions;

    Role(Set<Permission> permissions) {
        this.permissions = Set.copyOf(permissions);
    }

    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }

    public Set<Permission> permissions() {
        return permissions;
    }

    /** Those that have it, for a person's eyes. */
    public static String having(Permission permission) {
        return Arrays.stream(values())
                .filter(role -> role.may(permission))
                .map(Role::key)
                .collect(Collectors.joining(" or "));
    }

    /** As documents and databases spell it. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Role> of(String key) {
        return Arrays.stream(values()).filter(one -> one.key().equals(key)).findFirst();
    }
}
