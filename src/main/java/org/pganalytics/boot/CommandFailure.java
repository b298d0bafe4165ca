package org.pganalytics.boot;

/** A command that could not do its work, in words for the person who called it; exit code 1. */
final class CommandFailure extends RuntimeException {
    CommandFailure(String message) {
        super(message, null, false, false);
    }
}
