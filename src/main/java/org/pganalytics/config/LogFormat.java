package org.pganalytics.config;

/** What a line of the log looks like. */
public enum LogFormat {
    /** Time, level, logger and message, for people; a line break in a message becomes a bar. */
    TEXT,

    /** A JSON object a line, for programs. */
    JSON
}
