/**
 * The read side of the API: families, rows, buckets, how collecting goes. It meets the corridor in the database only,
 * through connections of its own that can write nothing.
 */
package org.pganalytics.query;
