package org.pganalytics.model;

/**
 * Who asks through the API, by a token that was verified.
 *
 * @param name as the audit has it, such as {@code admin:bootstrap}
 */
public record Principal(String name, Role role) {

    /** What somebody may do. */
    public enum Role {
        /** Everything that the API offers. */
        ADMIN,
        /** Push its own batches, and nothing of the API for people. */
        COLLECTOR
    }
}
