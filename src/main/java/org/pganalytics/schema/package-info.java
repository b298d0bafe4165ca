/**
 * Brings the database to this version of the server, once, under an advisory lock. What the tables mean does not belong
 * here: each migration is written by the room whose tables it makes; family tables are made by {@code storage}.
 */
package org.pganalytics.schema;
