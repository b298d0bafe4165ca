package org.pganalytics.alert;

import java.util.Arrays;

/** What can be wrong. The names are those in the table. */
enum Rule {
    /** A collector that is not revoked has had no batch settled for too long; the subject is the collector. */
    COLLECTOR_SILENT("collector-silent", "warning", false),
    /** A collector had to drop what it had seen. */
    COLLECTOR_LOSSY("collector-lossy", "warning", true),
    /** A collector keeps sending faster than it may. */
    COLLECTOR_THROTTLED("collector-throttled", "warning", true),
    /** Two agents use one identity: one of them must be registered anew. */
    IDENTITY_CONFLICT("identity-conflict", "critical", true),
    /** Rows from a time that is not kept: a clock is wrong, or a spool is very late. */
    TIME_OUT_OF_RANGE("time-out-of-range", "warning", true),
    /** Batches that no resend can mend are set aside. */
    BATCH_QUARANTINED("batch-quarantined", "warning", true),
    /** A collector creates more series than it may, and rows of it are folded. */
    SERIES_FOLDED("series-folded", "warning", true),
    /** The database does not take batches; the subject is the server that says so. */
    DATABASE_REFUSING("database-refusing", "critical", true),
    /** Redis cannot be used; the subject is the server that says so. */
    REDIS_AWAY("redis-away", "warning", true);

    private final String code;
    private final String severity;
    private final boolean endsWhenQuiet;

    Rule(String code, String severity, boolean endsWhenQuiet) {
        this.code = code;
        this.severity = severity;
        this.endsWhenQuiet = endsWhenQuiet;
    }

    String code() {
        return code;
    }

    String severity() {
        return severity;
    }

    static String[] thatEndWhenQuiet() {
        return Arrays.stream(values())
                .filter(rule -> rule.endsWhenQuiet)
                .map(Rule::code)
                .toArray(String[]::new);
    }
}
