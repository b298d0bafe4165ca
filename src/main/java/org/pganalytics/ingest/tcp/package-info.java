/**
 * The native protocol over TCP, one session a connection. The bytes of a frame belong to {@code wire}.
 */
package org.pganalytics.ingest.tcp;
