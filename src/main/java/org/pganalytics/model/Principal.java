package org.pganalytics.model;

/**
 * Who asks through the API, by a token that was verified.
 *
 * @param name as the audit has it, such as {@code admin:bootstrap}
 */
public record Principal(String name, Role role) {
    public boolean may(Permission permission) {
        return role.may(permission);
    }
}
