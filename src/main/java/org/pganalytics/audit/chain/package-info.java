/**
 * Proof that nobody bent the audit: an HMAC over each event, one chain over all of them, signed checkpoints, and who
 * verifies them.
 */
package org.pganalytics.audit.chain;
