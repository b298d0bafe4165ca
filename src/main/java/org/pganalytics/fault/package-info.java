/**
 * Every way to refuse: wire code, HTTP status, retryable or not, title. How a refusal is rendered does not belong here:
 * that is the business of {@code http} for HTTP and of {@code ingest} for frames.
 */
package org.pganalytics.fault;
