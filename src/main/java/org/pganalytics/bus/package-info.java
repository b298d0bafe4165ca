/**
 * Typed events inside one server, sent after the fact. What must not be lost or must cross servers does not belong here:
 * it is a row in a table, and an event only hastens its reading.
 */
package org.pganalytics.bus;
