/**
 * How many series a collector may create, and what becomes of the rows of those that are too many. It counts and folds in
 * memory; what is stored is written by the room around it.
 */
package org.pganalytics.storage.series;
