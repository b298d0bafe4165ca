/**
 * May this collector send this, now: registration, tokens, revocation, token buckets. What becomes of an admitted batch
 * does not belong here but in {@code storage}; the inventory of collectors in {@code fleet}.
 */
package org.pganalytics.admission;
