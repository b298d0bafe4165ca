/**
 * Pushes over HTTP, one batch a request. Other rooms mount their own routes on this listener; they do not belong here.
 */
package org.pganalytics.ingest.http;
