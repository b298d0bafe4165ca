package org.pganalytics.storage;

/** What goes wrong, once, between the store and PostgreSQL while it writes a batch. */
enum Accident {
    NONE,
    /** What the server says arrives one byte at a time. */
    BYTE_BY_BYTE,
    /** Notices, parameter status and notifications before every answer to the COPY, joined with it. */
    NOISE,
    CUT_BEFORE_BEGIN,
    CUT_BEFORE_COPY,
    CUT_AT_COPY_IN_RESPONSE,
    CUT_MID_COPY_DATA,
    CUT_BEFORE_COPY_DONE,
    CUT_AT_COPY_COMPLETE,
    CUT_AT_READY_AFTER_COPY,
    CUT_BEFORE_COMMIT,
    CUT_AFTER_COMMIT,
    STALL_MID_COPY_DATA,
    STALL_AT_COPY_COMPLETE,
    STALL_AFTER_COMMIT,
    /** The COPY fails with 53100; then the transaction is in a failed state. */
    DISK_FULL,
    /** The COPY fails, but its ErrorResponse is lost on the way. */
    ERROR_SWALLOWED,
    /** The COPY fails, and the server claims that the transaction is fine. */
    ERROR_THEN_READY_IN_TRANSACTION,
    WRONG_COUNT,
    UNKNOWN_MESSAGE,
    ABSURD_LENGTH,
    NOT_BINARY
}
