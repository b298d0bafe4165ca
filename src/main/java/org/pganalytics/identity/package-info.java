/**
 * Who is this person or token: admin tokens, and signing in with one. What a principal may do does not belong here but to
 * {@code http}, which asks before an operation runs; nor do collectors, whom {@code admission} knows.
 */
package org.pganalytics.identity;
