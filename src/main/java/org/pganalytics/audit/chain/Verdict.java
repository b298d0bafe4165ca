package org.pganalytics.audit.chain;

import java.time.Instant;
import java.util.Optional;

/**
 * What came of verifying.
 *
 * @param from first position that is still there
 * @param to last position
 * @param erased events of which something personal was erased
 * @param unproven events without an hmac that were accepted as written by servers without keys
 * @param waiting events that are not sealed yet
 * @param before events from before the chain began, which nothing proves
 * @param sealedAt of the last seal, or of the beginning; null without
 * @param hmacsChecked false when only public keys were given
 * @param bad the first bad record, and why; empty when the chain is clean
 */
public record Verdict(
        long from,
        long to,
        long erased,
        long unproven,
        long waiting,
        long before,
        Instant sealedAt,
        boolean hmacsChecked,
        Optional<String> bad) {

    public boolean isClean() {
        return bad.isEmpty();
    }
}
