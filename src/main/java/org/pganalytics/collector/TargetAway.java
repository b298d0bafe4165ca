package org.pganalytics.collector;

/** A target cannot be reached at all: no family's fault, and told once for all of them. */
final class TargetAway extends RuntimeException {
    private static final long serialVersionUID = 1;

    TargetAway(String message, Throwable cause) {
        super(message, cause, false, false);
    }
}
