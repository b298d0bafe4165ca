/**
 * The tables that samples and texts are kept in: made and widened from the families' declarations, cut into partitions
 * or hypertables, and cleared when their time is over. Writing rows into them belongs to {@code storage} itself.
 */
package org.pganalytics.storage.tables;
