/** Compliance reports: who may do what, and what was done. */
package org.pganalytics.identity.report;
