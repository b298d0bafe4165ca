package org.pganalytics.collector.load;

/**
 * The rows of one family that came in one block.
 *
 * @param timeMicros µs since 1970; {@link #NO_TIME} in a dictionary, whose rows a target sends in one block
 */
record RowGroup(int targetId, long timeMicros) {
    static final long NO_TIME = 0;
}
