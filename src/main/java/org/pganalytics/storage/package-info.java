/**
 * Many batches into one transaction of ledger and rows, receipts after COMMIT, and the quarantine. Who may send, and how
 * bytes become batches, does not belong here: that is the business of {@code admission}, {@code wire} and {@code ingest}.
 */
package org.pganalytics.storage;
