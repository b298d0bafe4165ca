/**
 * Certificates and keys of listeners: where they are, whether they fit, and how a listener gets them. Who may connect is
 * not decided here but in {@code ingest} and {@code admission}.
 */
package org.pganalytics.tls;
