/**
 * What the people and machines that run the server ask it: is it alive, is it ready, what does it count. Its own listener,
 * never that of the collectors; alerts about collectors belong to {@code alert}.
 */
package org.pganalytics.ops;
