package org.pganalytics.model;

import java.util.Arrays;
import java.util.Optional;

/** What an operation of the API may ask of whoever calls it; docs/security.md says what each one opens. */
public enum Permission {
    /** One's own session, password and tokens. */
    SELF("self"),
    /** What was collected: targets, families, rows, buckets, leading statements, the overview. */
    METRICS_READ("metrics.read"),
    /** Collectors, their limits, labels and configuration, and how ingest does. */
    FLEET_READ("fleet.read"),
    /** Limits, labels and profiles, and revoking or forgetting a collector. */
    FLEET_WRITE("fleet.write"),
    /** Registration secrets: who has one can put a collector into the fleet. */
    SECRETS_WRITE("secrets.write"),
    /** Batches that were refused, as they were sent. */
    QUARANTINE_READ("quarantine.read"),
    /** To store or to discard them. */
    QUARANTINE_WRITE("quarantine.write"),
    /** Who may sign in, as what, and where they are signed in. */
    PEOPLE_READ("people.read"),
    /** To add somebody, give another role, disable, reset a password. */
    PEOPLE_WRITE("people.write"),
    /** Which API tokens there are, and what they may do. */
    TOKENS_READ("tokens.read"),
    /** To make one for a service, and to revoke anybody's. */
    TOKENS_WRITE("tokens.write"),
    /** Reports of what people did and may do, and all that is kept of one person. */
    AUDIT_READ("audit.read");

    private final String key;

    Permission(String key) {
        this.key = key;
    }

    /** As the contract and the documents spell it. */
    public String key() {
        return key;
    }

    /** Whether an API token may have it: none makes others, or is the person that it belongs to. */
    public boolean isForTokens() {
        return this != SELF && this != TOKENS_WRITE;
    }

    public static Optional<Permission> of(String key) {
        return Arrays.stream(values()).filter(one -> one.key.equals(key)).findFirst();
    }
}
