/**
 * What collectors of version 3 push, as JSON and as their binary form, made into batches of ours: pure functions, a
 * piece at a time, in memory that does not grow with the body. Which of it is new is decided in {@code storage}.
 */
package org.pganalytics.wire.v3;
