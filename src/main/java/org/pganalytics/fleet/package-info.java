/**
 * The inventory of collectors: list, find, revoke, last seen. Whether a collector may send right now does not belong
 * here but in {@code admission}.
 */
package org.pganalytics.fleet;
