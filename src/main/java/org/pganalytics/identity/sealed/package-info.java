/**
 * Sealing anew what stands in the database under keys that seal no longer. What is sealed, and when, does not belong here
 * but to whoever keeps it.
 */
package org.pganalytics.identity.sealed;
