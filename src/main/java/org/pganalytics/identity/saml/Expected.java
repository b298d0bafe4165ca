package org.pganalytics.identity.saml;

import java.time.Duration;
import java.time.Instant;

/**
 * What an answer must fit to be taken.
 *
 * @param idp who may have said it
 * @param requestId what it answers
 * @param consumerUrl where it was to be sent
 * @param entityId whom it is for
 * @param skew by how much clocks may differ
 */
record Expected(IdpMetadata idp, String requestId, String consumerUrl, String entityId, Instant now, Duration skew) {

    boolean hasBegun(Instant at) {
        return !at.isAfter(now.plus(skew));
    }

    boolean isOver(Instant at) {
        return !at.isAfter(now.minus(skew));
    }
}
