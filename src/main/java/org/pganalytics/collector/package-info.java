/**
 * The agent: reads PostgreSQL, spools, sends, resends; and in {@code load} the simulated fleet. How bytes look belongs to
 * {@code wire}, what a server does with them to {@code ingest}, and reading the configuration file to {@code config}.
 */
package org.pganalytics.collector;
