package org.pganalytics.wire.v3;

import java.util.List;
import java.util.OptionalLong;
import org.pganalytics.fault.FaultException;

/**
 * What a push says of one type and database at one second.
 *
 * @param database empty when it is about the server
 * @param second since 1970; empty when it says none that can be read
 * @param refusal why it cannot be kept, or null; then it has no rows
 * @param bytes about what it holds of memory
 */
record PushedObject(
        String type, String database, OptionalLong second, List<Rows> rows, FaultException refusal, long bytes) {
    static final String LOG = "pg_log";

    int rowCount() {
        return rows.stream().mapToInt(Rows::count).sum();
    }

    /** Hashes of its log lines. */
    long[] lines() {
        return rows.isEmpty() ? new long[0] : rows.get(0).hashes();
    }
}
