package org.pganalytics.model;

/** How a batch is told from what was settled before. */
public sealed interface Position permits BatchPosition, SecondRanges {}
