/**
 * Roll-ups of samples by the minute, ten minutes and the hour: taken from what transactions note, computed anew from the
 * rows and swapped in one transaction. The rules by which columns are gathered belong to {@code model},
 * reading to {@code query}.
 */
package org.pganalytics.storage.rollup;
