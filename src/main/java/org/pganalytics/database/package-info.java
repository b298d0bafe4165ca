/**
 * The reactive pool, the embedded PostgreSQL, and what the database at hand can do (its tier). What is kept in it does
 * not belong here: tables are the business of {@code schema} and {@code storage}, and of the room that owns them.
 */
package org.pganalytics.database;
