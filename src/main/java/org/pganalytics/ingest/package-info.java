/**
 * The doors: they listen, cut bytes into batches, control the flow, and answer after the commit. Whether a batch may come
 * in is decided in {@code admission}, what its bytes mean in {@code wire}, and what becomes of its rows in {@code storage},
 * which is only known here as an {@link org.pganalytics.model.Intake}.
 */
package org.pganalytics.ingest;
