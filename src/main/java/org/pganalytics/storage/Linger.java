package org.pganalytics.storage;

import java.time.Duration;

/**
 * How long a batch waits for company. Company that came says that more would come: the wait doubles, up to its limit. A
 * batch that waited alone halves it, down to nothing, so that a quiet server answers at once. Not safe for many threads.
 */
final class Linger {
    private static final long STEP_MILLIS = 1;

    private final long limitMillis;
    private long millis;

    /** @param limit 0 for no wait at all */
    Linger(Duration limit) {
        limitMillis = limit.toMillis();
    }

    long millis() {
        return millis;
    }

    /** @param batches how many a group had when it was taken, at least 1 */
    void took(int batches) {
        millis = batches > 1 ? Math.min(limitMillis, Math.max(STEP_MILLIS, 2 * millis)) : millis / 2;
    }
}
