/**
 * Signing in by a provider that knows people, whatever it speaks: sign-ins under way, who may come in, and their sessions.
 * What a provider's answer must be does not belong here but to the room of its protocol.
 */
package org.pganalytics.identity.federation;
