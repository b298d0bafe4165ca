/** What the audit's record says of a period, as tables for people who have to show it. */
package org.pganalytics.audit.report;
