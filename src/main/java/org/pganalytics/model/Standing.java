package org.pganalytics.model;

import java.time.Duration;

/**
 * Where a collector's instance stands in the ledger.
 *
 * @param mark the last settled number of the epoch; 0 when none is
 * @param lease how long the session holds without being renewed
 */
public record Standing(int epoch, long mark, Duration lease) {}
