/**
 * Bytes to batches and back, as pure functions: native frames, the batch body, native JSON. No socket, no clock, no
 * thread: those belong to {@code ingest} on the server's side and {@code collector} on the agent's.
 */
package org.pganalytics.wire;
