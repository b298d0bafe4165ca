/**
 * Pushes of version 3 collectors: the same address as ours for JSON, one of their own for the binary form. What their
 * bytes mean stands in {@code wire.v3}; who they are is decided in {@code admission}.
 */
package org.pganalytics.ingest.v3;
