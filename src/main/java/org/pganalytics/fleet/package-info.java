/**
 * The inventory of collectors: list, find, revoke, last seen, labels, and what each is to run. Whether a collector may send
 * right now does not belong here but in {@code admission}.
 */
package org.pganalytics.fleet;
