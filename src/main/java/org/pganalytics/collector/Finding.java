package org.pganalytics.collector;

/**
 * One thing that was looked at before collecting.
 *
 * @param subject what: a word such as {@code reachable}, or a family's name
 * @param message what was found
 * @param remedy what to do about it; empty when nothing is
 */
public record Finding(Level level, String subject, String message, String remedy) {

    /** How grave it is. */
    public enum Level {
        OK,
        /** It works, with less to see or less safely than it could: a person should know. */
        WARNING,
        /** What collecting cannot do without is not there. */
        PROBLEM
    }

    static Finding good(String subject, String message) {
        return new Finding(Level.OK, subject, message, "");
    }

    static Finding warning(String subject, String message, String remedy) {
        return new Finding(Level.WARNING, subject, message, remedy);
    }

    static Finding problem(String subject, String message, String remedy) {
        return new Finding(Level.PROBLEM, subject, message, remedy);
    }

    public boolean isProblem() {
        return level == Level.PROBLEM;
    }

    public boolean isWarning() {
        return level == Level.WARNING;
    }
}
