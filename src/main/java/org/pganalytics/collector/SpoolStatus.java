package org.pganalytics.collector;

/**
 * The spool at a moment.
 *
 * @param bytes of all batches on disk, settled ones included
 * @param batches not yet settled
 * @param rows not yet settled
 * @param rowsSettled since the start
 * @param batchesSettled since the start
 * @param rowsLost since the start
 * @param lossesUnknown events since the start by which an unknown number of rows may be lost
 */
public record SpoolStatus(
        long bytes, long batches, long rows, long rowsSettled, long batchesSettled, long rowsLost, long lossesUnknown) {
    static final SpoolStatus EMPTY = new SpoolStatus(0, 0, 0, 0, 0, 0, 0);
}
