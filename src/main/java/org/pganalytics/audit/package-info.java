/**
 * Who did what, when, and how it ended, in one table. What is wrong at the moment and should wake somebody does not
 * belong here but in {@code alert}.
 */
package org.pganalytics.audit;
