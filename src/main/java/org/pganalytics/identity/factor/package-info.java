/**
 * What people have besides a password: codes of an authenticator (TOTP, RFC 6238) and recovery codes. When they are asked
 * for does not belong here but in {@code identity}.
 */
package org.pganalytics.identity.factor;
