/**
 * What is wrong at the moment: rules over events, raised once and cleared when over. What has happened in general does
 * not belong here but in {@code audit}.
 */
package org.pganalytics.alert;
