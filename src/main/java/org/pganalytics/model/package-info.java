/**
 * The words everyone shares: families, columns, batches, receipts, and the seams between the doors and the store. No
 * I/O, no clock, nothing mutable; how these travel belongs to {@code wire}, how they are kept to {@code storage}.
 */
package org.pganalytics.model;
