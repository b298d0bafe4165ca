/**
 * A simulated fleet: rows made from a seed, sent by the agent's own links, journalled before they leave, and compared with
 * the database afterwards. How a link speaks belongs to {@code collector}, what a frame looks like to {@code wire}, and
 * printing the report to {@code boot}.
 */
package org.pganalytics.collector.load;
