/**
 * Hashing of secrets, random secrets and comparison in constant time; sealing of what must be read again. Who may present
 * which secret does not belong here but in {@code admission}.
 */
package org.pganalytics.secrets;
