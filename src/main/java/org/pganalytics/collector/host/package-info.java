/**
 * What Linux tells of the machine in {@code /proc}, as rows of the families whose source is host. No native library, no
 * process started. Which targets are on the machine, and sending the rows, belongs to {@code collector}.
 */
package org.pganalytics.collector.host;
