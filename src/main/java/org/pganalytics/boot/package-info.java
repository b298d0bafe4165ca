/**
 * Builds the house with constructors, opens and closes it in order; one class a command. What a room does does not
 * belong here, only which rooms there are and how they hang together.
 */
package org.pganalytics.boot;
