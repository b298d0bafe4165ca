package org.pganalytics.collector.load;

/**
 * Which observation a block is: with it the same rows can be made again at any time.
 *
 * @param collector number of the simulated collector, from 0
 * @param target number of the target within its collector, from 0
 * @param tick number of the observation of this target, from 0
 * @param collectedAtMicros µs since 1970
 */
record SampleSource(int collector, int target, int tick, long collectedAtMicros) {}
