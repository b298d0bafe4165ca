package org.pganalytics.collector.load;

/**
 * How much may wait for its ack before ticks are skipped.
 *
 * @param unsettledBatchesMax of one collector
 * @param unsettledBytesMax of the whole fleet, as encoded
 */
record LoadLimits(int unsettledBatchesMax, long unsettledBytesMax) {}
