package org.pganalytics.storage;

import io.vertx.sqlclient.DatabaseException;
import java.util.Set;

/** What a failed transaction means for its batches, told by SQLSTATE. */
enum SqlFailure {
    /** The rows are at fault: sending them again cannot help. */
    ROWS,
    /** A table is not as this server remembers it, or a partition is missing: look again, then blame the rows. */
    STALE,
    /** Two transactions met; the same again can succeed at once. */
    RETRY,
    /** The database does not take them now. */
    DOWN;

    private static final Set<String> STALE_STATES = Set.of("42703", "42P01", "23514");
    private static final Set<String> RETRY_STATES = Set.of("40001", "40P01");
    /** Data exceptions, integrity violations, limits of the program, a row that one statement touches twice. */
    private static final Set<String> ROW_CLASSES = Set.of("21", "22", "23", "54");

    static SqlFailure of(Throwable failure) {
        if (failure instanceof ArithmeticException || failure instanceof ClassCastException) {
            return ROWS;
        }
        var state = state(failure);
        if (STALE_STATES.contains(state)) {
            return STALE;
        }
        if (RETRY_STATES.contains(state)) {
            return RETRY;
        }
        return state.length() == 5 && ROW_CLASSES.contains(state.substring(0, 2)) ? ROWS : DOWN;
    }

    /** Whether the server itself ended the transaction, so that ROLLBACK is all that the connection waits for. */
    static boolean isAnswer(Throwable failure) {
        return !state(failure).isEmpty();
    }

    static String state(Throwable failure) {
        return failure instanceof DatabaseException known && known.getSqlState() != null ? known.getSqlState() : "";
    }
}
